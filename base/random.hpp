#pragma once
// Randomness is passed in. Keys, mask nonces and DP noise always come from the operating system
// through SystemRandom; seeded RandomSources live under tests/ so that production cannot link them.
// SeededSequence is for what is not secret (synthetic data, data order, initial adapters): it is
// not a RandomSource, so it cannot be passed where secrets are drawn.

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>

namespace hippocrypt {

/// Uniform secret bytes.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;
  std::uint64_t next_u64();
};

/// Secret bytes that may be told what they are for. The testing binary makes them a function of
/// that, so that a run that was killed and goes on draws what the uninterrupted one drew; everybody
/// else's pay no attention.
class StepRandom : public RandomSource {
 public:
  /// What is drawn next is for `purpose` in this round (from 1; 0: outside of rounds), step of the
  /// whole training and attempt of the round.
  virtual void seek(std::string_view purpose, std::uint64_t round, std::uint64_t step,
                    std::uint64_t attempt) = 0;
};

/// getrandom(2). Safe after fork and after a snapshot is restored, as the kernel is asked every
/// time. For any number of threads.
class SystemRandom final : public StepRandom {
 public:
  void fill(std::span<std::uint8_t> out) override;
  void seek(std::string_view, std::uint64_t, std::uint64_t, std::uint64_t) override {}
};

/// The secret bytes of `owner`, a hospital or another part of a run, and of nobody else.
using RandomFactory = std::function<std::shared_ptr<StepRandom>(const std::string& owner)>;
/// What `factory` makes; without one, the operating system's.
std::shared_ptr<StepRandom> make_random(const RandomFactory& factory, const std::string& owner);

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
