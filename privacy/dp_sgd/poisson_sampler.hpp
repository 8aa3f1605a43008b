#pragma once
// Poisson sampling: every unit enters a lot independently with probability q. Shuffling or drawing
// a fixed number of units is a different mechanism with a far larger epsilon; there is none here.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/random.hpp"

namespace hippocrypt::privacy {

/// Uniform 64-bit words for sampling. The name goes into the ledger.
class UniformSource {
 public:
  virtual ~UniformSource() = default;
  virtual std::uint64_t next_u64() = 0;
  virtual std::string_view name() const = 0;
};

/// Secret words: what amplification by sampling needs (membership must not be predictable).
class SecretUniformSource final : public UniformSource {
 public:
  /// `random` must outlive the object.
  explicit SecretUniformSource(RandomSource& random);
  std::uint64_t next_u64() override { return random_->next_u64(); }
  /// "system_random" or "injected_random".
  std::string_view name() const override { return name_; }

 private:
  RandomSource* random_;
  std::string_view name_;
};

/// Reproducible words for simulations on data that is not private. Its name says so in the ledger.
class SeededUniformSource final : public UniformSource {
 public:
  explicit SeededUniformSource(SeededSequence sequence) : sequence_{std::move(sequence)} {}
  std::uint64_t next_u64() override { return sequence_.next_u64(); }
  std::string_view name() const override { return "seeded_simulation"; }

 private:
  SeededSequence sequence_;
};

/// Includes each of `units` units independently.
class PoissonSampler {
 public:
  /// q in (0, 1]. A unit enters when a 64-bit word is below floor(q * 2^64), so the probability is
  /// q or less by 2^-64; q = 1 always includes.
  PoissonSampler(std::size_t units, double sampling_rate);

  /// The indices of one lot, ascending; may be empty. Draws one word for each unit, whatever
  /// happens.
  std::vector<std::size_t> draw(UniformSource& source) const;

 private:
  std::size_t units_;
  bool always_;
  std::uint64_t threshold_;
};

}  // namespace hippocrypt::privacy
