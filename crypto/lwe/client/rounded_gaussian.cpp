#include "crypto/lwe/client/rounded_gaussian.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/secret.hpp"

namespace hippocrypt::crypto {
namespace {

constexpr std::size_t batch = 512;

/// Uniform in (0, 1].
double uniform(std::uint64_t word) { return static_cast<double>((word >> 11) + 1) * 0x1.0p-53; }

}  // namespace

void sample_rounded_gaussian(RandomSource& random, double std, std::span<std::int32_t> out) {
  SecretArray<std::uint64_t> bits{2 * batch};
  const auto words = bits.reveal();
  while (!out.empty()) {
    const std::size_t count = std::min(out.size(), batch);
    random.fill({reinterpret_cast<std::uint8_t*>(words.data()), 2 * count * sizeof words[0]});
    for (std::size_t i = 0; i < count; ++i) {
      const double radius = std * std::sqrt(-2 * std::log(uniform(words[2 * i])));
      const double angle = 2 * std::numbers::pi * uniform(words[2 * i + 1]);
      out[i] = static_cast<std::int32_t>(std::lrint(radius * std::cos(angle)));
    }
    out = out.subspan(count);
  }
}

}  // namespace hippocrypt::crypto
