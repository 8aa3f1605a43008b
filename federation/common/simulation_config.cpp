#include "federation/common/simulation_config.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

namespace hippocrypt::federation {
namespace {

constexpr std::array kinds{FailureKind::crash, FailureKind::offline, FailureKind::slow,
                           FailureKind::corrupt};

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Error wrong(const std::string& word, const std::string& why) {
  return {Errc::invalid_config,
          "\"" + word + "\": " + why +
              "; write crash@3, crash@3:restart, offline@2-4, slow@5:x4 or corrupt@6"};
}

/// Sets first and last of "3" or "2-4".
bool parse_rounds(std::string_view text, Failure& failure) {
  const std::size_t dash = text.find('-');
  const auto first = parse_number<std::uint32_t>(text.substr(0, dash));
  const auto last =
      dash == std::string_view::npos ? first : parse_number<std::uint32_t>(text.substr(dash + 1));
  if (!first || !last || *first < 1 || *last < *first) return false;
  failure.first = *first;
  failure.last = *last;
  return true;
}

}  // namespace

const char* to_string(FailureKind kind) {
  switch (kind) {
    case FailureKind::crash:
      return "crash";
    case FailureKind::offline:
      return "offline";
    case FailureKind::slow:
      return "slow";
    case FailureKind::corrupt:
      return "corrupt";
  }
  return "?";
}

Result<Failure> parse_failure(const std::string& word) {
  const std::string_view text{word};
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return wrong(word, "has no @ and round");
  Failure failure;
  const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](FailureKind known) {
    return text.substr(0, at) == to_string(known);
  });
  if (kind == kinds.end()) return wrong(word, "is no known failure");
  failure.kind = *kind;
  const std::size_t colon = text.find(':', at);
  if (!parse_rounds(text.substr(at + 1, colon - at - 1), failure)) {
    return wrong(word, "has no round from 1, or range of rounds, after the @");
  }
  const std::string_view option =
      colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  if (failure.kind == FailureKind::crash) {
    if (failure.first != failure.last) return wrong(word, "a crash happens in one round");
    failure.restarts = option == "restart";
    if (colon != std::string_view::npos && !failure.restarts) {
      return wrong(word, "a crash takes nothing but :restart");
    }
  } else if (failure.kind == FailureKind::slow) {
    const auto factor = option.substr(0, 1) == "x" ? parse_number<double>(option.substr(1))
                                                   : std::optional<double>{};
    if (!factor || !(*factor > 1) || !std::isfinite(*factor)) {
      return wrong(word, "needs a factor above 1, as slow@5:x4");
    }
    failure.factor = *factor;
  } else if (colon != std::string_view::npos) {
    return wrong(word, std::string{to_string(failure.kind)} + " takes no option");
  }
  return failure;
}

double SiteConfig::slowness(std::uint32_t round) const {
  double factor = 1 / speed;
  for (const Failure& failure : failures) {
    if (failure.kind == FailureKind::slow && failure.in(round)) factor *= failure.factor;
  }
  return factor;
}

bool SiteConfig::fails(FailureKind kind, std::uint32_t round) const {
  return std::any_of(failures.begin(), failures.end(), [&](const Failure& failure) {
    return failure.kind == kind && failure.in(round);
  });
}

double SiteConfig::transfer_seconds(std::size_t bytes) const {
  const double bits = 8 * static_cast<double>(bytes);
  return link_ms / 1000 + (link_mbit > 0 ? bits / (link_mbit * 1e6) : 0);
}

}  // namespace hippocrypt::federation
