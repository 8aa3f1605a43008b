#include "privacy/token_cipher/attack/hidden_markov_attack.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "base/check.hpp"

namespace hippocrypt::privacy {
namespace {

/// Relative to the best state at a position; what is below is forgotten.
constexpr float negligible = 1e-5F;

struct Active {
  std::uint32_t type;
  float weight;
};

class Learner {
 public:
  Learner(const Documents& ciphered, std::size_t vocabulary, const ReferenceModel& reference,
          const HiddenMarkovOptions& options, double tolerance)
      : ciphered_{ciphered},
        vocabulary_{vocabulary},
        reference_{reference},
        options_{options},
        types_{reference.types()},
        emission_(vocabulary * types_),
        pinned_(vocabulary, reference.boundary()),
        is_taken_(types_),
        arriving_(types_),
        ahead_(types_) {
    for (const KnownToken& known : options.known) {
      HIPPOCRYPT_CHECK(known.cipher < vocabulary);
      pinned_[known.cipher] = reference.type_of(known.plain);
      if (options.is_one_to_one) is_taken_[pinned_[known.cipher]] = true;
    }
    is_taken_[reference.boundary()] = true;
    start(tolerance);
  }

  /// One iteration; returns the log-likelihood before it.
  double iterate() {
    if (!expected_.counts.empty()) maximise();
    expected_.types = types_;
    expected_.counts.assign(vocabulary_ * types_, 0.0F);
    double log_likelihood = 0;
    for (const auto& document : ciphered_) log_likelihood += learn_from(document);
    return log_likelihood;
  }
  Posterior take() { return std::move(expected_); }

 private:
  float* emission(CipherToken id) { return emission_.data() + id * types_; }

  void pin() {
    for (std::size_t id = 0; id < vocabulary_; ++id) {
      float* const row = emission(static_cast<CipherToken>(id));
      if (pinned_[id] != reference_.boundary()) {
        std::fill(row, row + types_, 0.0F);
        row[pinned_[id]] = 1.0F;
      } else {
        for (std::size_t type = 0; type < types_; ++type) {
          if (is_taken_[type]) row[type] = 0.0F;
        }
      }
    }
  }

  void start(double tolerance) {
    std::vector<double> count(vocabulary_);
    for (const auto& document : ciphered_) {
      for (const CipherToken id : document) ++count[id];
    }
    const double all = std::accumulate(count.begin(), count.end(), 1.0);
    for (std::size_t id = 0; id < vocabulary_; ++id) {
      float* const row = emission(static_cast<CipherToken>(id));
      const double share = (count[id] + 0.5) / all;
      if (options_.expected_share.empty()) {
        std::fill(row, row + types_, static_cast<float>(share));
        continue;
      }
      for (std::size_t type = 0; type < types_; ++type) {
        const double distance = std::log(share / options_.expected_share[type]) / tolerance;
        row[type] = static_cast<float>(std::exp(-0.5 * distance * distance) + 1e-3);
      }
    }
    normalise();
  }

  /// For each type, over the ids.
  void normalise() {
    pin();
    std::vector<double> sum(types_);
    for (std::size_t id = 0; id < vocabulary_; ++id) {
      const float* const row = emission(static_cast<CipherToken>(id));
      for (std::size_t type = 0; type < types_; ++type) sum[type] += static_cast<double>(row[type]);
    }
    std::vector<float> scale(types_);
    for (std::size_t type = 0; type < types_; ++type) {
      scale[type] = sum[type] > 0 ? static_cast<float>(1.0 / sum[type]) : 0.0F;
    }
    for (std::size_t id = 0; id < vocabulary_; ++id) {
      float* const row = emission(static_cast<CipherToken>(id));
      for (std::size_t type = 0; type < types_; ++type) row[type] *= scale[type];
    }
  }

  void maximise() {
    // A little of everything stays possible, or an early mistake could never be undone.
    for (std::size_t i = 0; i < emission_.size(); ++i) emission_[i] = expected_.counts[i] + 1e-4F;
    normalise();
  }

  /// Keeps the best states of `values`, scaled to a sum of 1; returns the sum before.
  double prune(std::span<const float> values, std::vector<Active>& kept) const {
    kept.clear();
    const float best = *std::max_element(values.begin(), values.end());
    for (std::size_t type = 0; type < values.size(); ++type) {
      if (values[type] > best * negligible) {
        kept.push_back({static_cast<std::uint32_t>(type), values[type]});
      }
    }
    if (kept.size() > options_.beam) {
      std::nth_element(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(options_.beam),
                       kept.end(),
                       [](const Active& a, const Active& b) { return a.weight > b.weight; });
      kept.resize(options_.beam);
    }
    double sum = 0;
    for (const Active& state : kept) sum += static_cast<double>(state.weight);
    for (Active& state : kept) state.weight /= static_cast<float>(sum);
    return sum;
  }

  /// Forward and backward over one note; adds to expected_. Returns its log-likelihood.
  double learn_from(const std::vector<CipherToken>& document) {
    const std::size_t length = document.size();
    if (length == 0) return 0;
    forward_.resize(std::max(forward_.size(), length + 1));
    forward_[0] = {{reference_.boundary(), 1.0F}};
    double log_likelihood = 0;
    for (std::size_t t = 0; t < length; ++t) {
      float rest = 0;
      std::fill(arriving_.begin(), arriving_.end(), 0.0F);
      for (const Active& state : forward_[t]) {
        rest += state.weight * reference_.backoff(state.type);
        for (const auto& next : reference_.successors(state.type)) {
          arriving_[next.type] += state.weight * next.probability;
        }
      }
      const float* const emitted = emission(document[t]);
      const std::span<const float> unigram = reference_.unigram();
      for (std::size_t type = 0; type < types_; ++type) {
        arriving_[type] = (arriving_[type] + rest * unigram[type]) * emitted[type];
      }
      log_likelihood += std::log(prune(arriving_, forward_[t + 1]));
    }
    collect(document);
    return log_likelihood;
  }

  void collect(const std::vector<CipherToken>& document) {
    const std::size_t length = document.size();
    // ahead_[b]: emission and everything after, for the states of the position after; else 0.
    std::fill(ahead_.begin(), ahead_.end(), 0.0F);
    ahead_[reference_.boundary()] = 1.0F;
    std::vector<Active> after{{reference_.boundary(), 1.0F}};
    std::vector<float> behind;
    for (std::size_t t = length; t > 0; --t) {
      const std::vector<Active>& here = forward_[t];
      float rest = 0;
      for (const Active& state : after) {
        rest += state.weight * reference_.unigram()[state.type];
      }
      behind.assign(here.size(), 0.0F);
      double total = 0;
      for (std::size_t i = 0; i < here.size(); ++i) {
        float sum = reference_.backoff(here[i].type) * rest;
        for (const auto& next : reference_.successors(here[i].type)) {
          sum += next.probability * ahead_[next.type];
        }
        behind[i] = sum;
        total += static_cast<double>(here[i].weight) * static_cast<double>(sum);
      }
      for (const Active& state : after) ahead_[state.type] = 0.0F;
      after.clear();
      float* const counts = expected_.counts.data() + document[t - 1] * types_;
      const float* const emitted = emission(document[t - 1]);
      float largest = 0;
      for (std::size_t i = 0; i < here.size(); ++i) {
        const auto share = static_cast<float>(static_cast<double>(here[i].weight) *
                                              static_cast<double>(behind[i]) / total);
        counts[here[i].type] += share;
        const float weight = behind[i] * emitted[here[i].type];
        largest = std::max(largest, weight);
        after.push_back({here[i].type, weight});
      }
      for (Active& state : after) {
        state.weight /= largest;
        ahead_[state.type] = state.weight;
      }
    }
  }

  const Documents& ciphered_;
  std::size_t vocabulary_;
  const ReferenceModel& reference_;
  const HiddenMarkovOptions& options_;
  std::size_t types_;
  std::vector<float> emission_;          ///< P(id | type): (vocabulary, types)
  std::vector<std::uint32_t> pinned_;    ///< type of an id that is known, else the boundary
  std::vector<bool> is_taken_;           ///< types that no unknown id can stand for
  std::vector<float> arriving_, ahead_;  ///< (types)
  std::vector<std::vector<Active>> forward_;
  Posterior expected_;
};

}  // namespace

Posterior hidden_markov_attack(const Documents& ciphered, std::size_t cipher_vocabulary,
                               const ReferenceModel& reference,
                               const HiddenMarkovOptions& options) {
  HIPPOCRYPT_CHECK(!options.tolerances.empty());
  HIPPOCRYPT_CHECK(options.expected_share.empty() ||
                   options.expected_share.size() == reference.types());
  for (const auto& document : ciphered) {
    for (const CipherToken id : document) HIPPOCRYPT_CHECK(id < cipher_vocabulary);
  }
  const auto tokens = static_cast<double>(std::max<std::size_t>(1, token_count(ciphered)));
  std::unique_ptr<Learner> best;
  double likelihood = 0;
  std::size_t done = 0;
  const auto iterate = [&](Learner& learner) {
    const double now = learner.iterate() / tokens;
    if (options.on_iteration) options.on_iteration(now);
    return now;
  };
  for (const double tolerance : options.tolerances) {
    auto trial =
        std::make_unique<Learner>(ciphered, cipher_vocabulary, reference, options, tolerance);
    double reached = 0;
    const std::size_t trials = std::max<std::size_t>(1, options.trial_iterations);
    for (done = 0; done < trials; ++done) reached = iterate(*trial);
    if (best == nullptr || reached > likelihood) {
      best = std::move(trial);
      likelihood = reached;
    }
  }
  for (; done < options.iterations; ++done) {
    const double now = iterate(*best);
    if (now - likelihood < options.least_gain) break;
    likelihood = now;
  }
  return best->take();
}

}  // namespace hippocrypt::privacy
