#pragma once
// Randomness is passed in. Keys, mask nonces and DP noise always come from the operating system
// through SystemRandom; seeded RandomSources live under tests/ so that production cannot link them.
// SeededSequence is for what is not secret (synthetic data, data order, initial adapters): it is
// not a RandomSource, so it cannot be passed where secrets are drawn.

#include <cstdint>
#include <random>
#include <span>
#include <string_view>

namespace hippocrypt {

/// Uniform secret bytes.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;
  std::uint64_t next_u64();
};

/// getrandom(2). Safe after fork and after a snapshot is restored, as the kernel is asked every
/// time.
class SystemRandom final : public RandomSource {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

/// A reproducible sequence named by (seed, purpose); the same on every machine. Not for secrets.
class SeededSequence {
 public:
  SeededSequence(std::uint64_t seed, std::string_view purpose);
  std::uint64_t next_u64() { return engine_(); }
  /// Uniform in [0, bound), bound > 0, without modulo bias.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1) with 53 bits.
  double uniform();
  /// Standard normal (Box-Muller).
  double normal();

 private:
  std::mt19937_64 engine_;
};

}  // namespace hippocrypt
