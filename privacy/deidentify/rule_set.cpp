#include "privacy/deidentify/rule_set.hpp"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <deque>
#include <numeric>

#include "base/check.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::int64_t set_memory_bytes = std::int64_t{64} << 20;
constexpr std::int64_t rule_memory_bytes = std::int64_t{8} << 20;

RE2::Options options(std::int64_t memory) {
  RE2::Options options{RE2::Quiet};
  options.set_max_mem(memory);
  options.set_encoding(RE2::Options::EncodingLatin1);  // bytes: the rules are ASCII
  return options;
}

}  // namespace

WorkCount& WorkCount::operator+=(const WorkCount& other) {
  bytes += other.bytes;
  normalized_bytes += other.normalized_bytes;
  regex_calls += other.regex_calls;
  regex_bytes += other.regex_bytes;
  token_steps += other.token_steps;
  return *this;
}

struct RuleSet::Impl {
  std::vector<const Rule*> rules;
  std::deque<RE2> compiled;
  RE2::Set set{options(set_memory_bytes), RE2::UNANCHORED};
  std::vector<int> all;  ///< every index, for when the automaton of the set outgrows its memory
};

const RuleSet& RuleSet::instance() {
  static const RuleSet rules;
  return rules;
}

RuleSet::RuleSet() : impl_{std::make_unique<Impl>()} {
  for (const auto& table : {number_rules(), date_rules(), network_rules(), place_rules()}) {
    for (const Rule& rule : table) {
      impl_->rules.push_back(&rule);
      impl_->compiled.emplace_back(rule.pattern, options(rule_memory_bytes));
      HIPPOCRYPT_CHECK(impl_->compiled.back().ok(), std::string{rule.name});
      HIPPOCRYPT_CHECK(impl_->set.Add(rule.pattern, nullptr) >= 0);
    }
  }
  HIPPOCRYPT_CHECK(impl_->set.Compile());
  impl_->all.resize(impl_->rules.size());
  std::iota(impl_->all.begin(), impl_->all.end(), 0);
}

RuleSet::~RuleSet() = default;

std::size_t RuleSet::size() const { return impl_->rules.size(); }

std::vector<const Rule*> RuleSet::rules() const { return impl_->rules; }

std::vector<Match> RuleSet::find(std::string_view text, WorkCount& work) const {
  const re2::StringPiece whole{text.data(), text.size()};
  std::vector<int> possible;
  RE2::Set::ErrorInfo error{};
  ++work.regex_calls;
  work.regex_bytes += text.size();
  const bool any = impl_->set.Match(whole, &possible, &error);
  if (error.kind != RE2::Set::kNoError) {
    possible = impl_->all;
  } else if (!any) {
    return {};
  }
  std::sort(possible.begin(), possible.end());
  std::vector<Match> matches;
  for (const int index : possible) {
    const auto i = static_cast<std::size_t>(index);
    const RE2& pattern = impl_->compiled[i];
    const int groups = std::min(pattern.NumberOfCapturingGroups(), 1) + 1;
    std::size_t at = 0;
    while (at <= text.size()) {
      re2::StringPiece found[2];
      ++work.regex_calls;
      if (!pattern.Match(whole, at, text.size(), RE2::UNANCHORED, found, groups)) {
        work.regex_bytes += text.size() - at;
        break;
      }
      const re2::StringPiece& value = found[groups - 1];
      const auto begin = static_cast<std::size_t>(value.data() - text.data());
      const std::size_t end = begin + value.size();
      work.regex_bytes += end - at;
      if (!value.empty()) matches.push_back({begin, end, impl_->rules[i]});
      // What follows group 1 may begin the next match.
      at = std::max(end, at + 1);
    }
  }
  return matches;
}

}  // namespace hippocrypt::privacy
