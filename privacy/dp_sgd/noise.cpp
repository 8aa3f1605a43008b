#include "privacy/dp_sgd/noise.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "base/check.hpp"

namespace hippocrypt::privacy {
namespace {

/// A block of secret words, refilled when it is used up and wiped when the call that made it
/// returns.
class WordBlock {
 public:
  WordBlock(RandomSource& random, std::size_t words_needed)
      : random_{random}, words_(std::min(words_needed, std::size_t{4096})), next_{words_.size()} {}

  std::uint64_t next() {
    if (next_ == words_.size()) {
      const std::span<std::uint64_t> words = words_.reveal();
      random_.fill({reinterpret_cast<std::uint8_t*>(words.data()), words.size_bytes()});
      next_ = 0;
    }
    return words_.reveal()[next_++];
  }

 private:
  RandomSource& random_;
  SecretArray<std::uint64_t> words_;
  std::size_t next_;
};

/// Uniform on the multiples of 2^-53 in (0, 1]: never 0, so that its logarithm is finite.
double uniform_above_zero(std::uint64_t word) {
  return static_cast<double>((word >> 11) + 1) * 0x1.0p-53;
}

constexpr std::size_t words_per_draw = 4;

/// One standard normal: two Box-Muller pairs, so four independent normals, summed and halved.
double draw(WordBlock& words) {
  double sum = 0.0;
  for (int pair = 0; pair < 2; ++pair) {
    const double radius = std::sqrt(-2.0 * std::log(uniform_above_zero(words.next())));
    const double angle = 2.0 * std::numbers::pi * uniform_above_zero(words.next());
    sum += radius * std::cos(angle);
    sum += radius * std::sin(angle);
  }
  return sum / 2.0;
}

}  // namespace

GaussianNoise::GaussianNoise(RandomSource& random) : random_{&random} {
  WordBlock words{*random_, words_per_draw};
  static_cast<void>(draw(words));
}

template <class T>
void GaussianNoise::add_noise(std::span<T> values, double standard_deviation) {
  HIPPOCRYPT_CHECK(std::isfinite(standard_deviation));
  HIPPOCRYPT_CHECK(standard_deviation >= 0.0);
  if (standard_deviation == 0.0) return;
  WordBlock words{*random_, words_per_draw * values.size()};
  for (T& value : values) {
    value = static_cast<T>(static_cast<double>(value) + standard_deviation * draw(words));
  }
}

void GaussianNoise::add_to(std::span<float> values, double standard_deviation) {
  add_noise(values, standard_deviation);
}

void GaussianNoise::add_to(std::span<double> values, double standard_deviation) {
  add_noise(values, standard_deviation);
}

const char* random_source_name(const RandomSource& random) {
  return dynamic_cast<const SystemRandom*>(&random) != nullptr ? "system_random"
                                                               : "injected_random";
}

}  // namespace hippocrypt::privacy
