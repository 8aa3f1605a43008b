#include "privacy/token_cipher/attack/reference_model.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/core.h>

namespace hippocrypt::privacy {
namespace {

using Pairs = std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t>;

}  // namespace

std::uint32_t ReferenceModel::type_of(CipherToken id) const {
  const auto found = std::lower_bound(id_of_.begin(), id_of_.end(), id);
  if (found == id_of_.end() || *found != id) return boundary();
  return static_cast<std::uint32_t>(found - id_of_.begin());
}

Result<ReferenceModel> ReferenceModel::create(const Documents& reference) {
  ReferenceModel model;
  std::set<CipherToken> ids;
  for (const auto& document : reference) ids.insert(document.begin(), document.end());
  if (ids.empty()) return Error{Errc::out_of_range, "the reference text holds no tokens"};
  if (ids.size() + 1 > max_attack_types) {
    return Error{Errc::limit_exceeded,
                 fmt::format("the reference text has {} kinds of tokens, the attack at most {}: "
                             "use a tokenizer with a smaller vocabulary",
                             ids.size(), max_attack_types - 1)};
  }
  model.id_of_.assign(ids.begin(), ids.end());
  const std::size_t types = model.types();
  Pairs pairs;
  std::vector<double> count(types), before(types);
  double all = 0;
  for (const auto& document : reference) {
    std::uint32_t last = model.boundary();
    const auto step = [&](std::uint32_t type) {
      ++pairs[{last, type}];
      ++before[last];
      ++count[type];
      ++all;
      last = type;
    };
    for (const CipherToken id : document) step(model.type_of(id));
    step(model.boundary());
  }
  model.unigram_.resize(types);
  for (std::size_t type = 0; type < types; ++type) {
    model.unigram_[type] =
        static_cast<float>((count[type] + 0.5) / (all + 0.5 * static_cast<double>(types)));
  }
  std::vector<std::size_t> kinds(types);
  for (const auto& [pair, _] : pairs) ++kinds[pair.first];
  model.begin_.assign(types + 1, 0);
  model.backoff_.assign(types, 1.0F);
  for (std::size_t type = 0; type < types; ++type) {
    model.begin_[type + 1] = model.begin_[type] + kinds[type];
    const auto different = static_cast<double>(kinds[type]);
    if (before[type] > 0) {
      model.backoff_[type] = static_cast<float>(different / (different + before[type]));
    }
  }
  for (const auto& [pair, times] : pairs) {
    const double share =
        (1.0 - static_cast<double>(model.backoff_[pair.first])) / before[pair.first];
    model.successors_.push_back({pair.second, static_cast<float>(share * times)});
  }
  return model;
}

std::vector<float> ReferenceModel::log_table() const {
  const std::size_t n = types();
  std::vector<float> table(n * n);
  for (std::size_t a = 0; a < n; ++a) {
    float* const row = table.data() + a * n;
    for (std::size_t b = 0; b < n; ++b) row[b] = backoff_[a] * unigram_[b];
    for (const Successor& next : successors(static_cast<std::uint32_t>(a))) {
      row[next.type] += next.probability;
    }
    for (std::size_t b = 0; b < n; ++b) row[b] = std::log(row[b]);
  }
  return table;
}

}  // namespace hippocrypt::privacy
