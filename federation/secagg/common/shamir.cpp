#include "federation/secagg/common/shamir.hpp"

#include <cstring>

#include "base/check.hpp"

namespace hippocrypt::federation::secagg {
namespace {

constexpr std::size_t lanes = shared_secret_bytes / sizeof(std::uint64_t);
using Lanes = std::array<std::uint64_t, lanes>;

/// Eight products at once: each byte of `secret` by `point`, whose bits are public but are turned
/// into masks all the same.
constexpr std::uint64_t multiply_lanes(std::uint64_t secret, std::uint8_t point) {
  constexpr std::uint64_t low_bits = 0x0101010101010101U;
  std::uint64_t product = 0;
  for (unsigned bit = 0; bit < 8; ++bit) {
    const std::uint64_t chosen = std::uint64_t{0} - ((std::uint64_t{point} >> bit) & 1U);
    product ^= secret & chosen;
    const std::uint64_t carries = (secret >> 7U) & low_bits;
    secret = ((secret & ~(low_bits << 7U)) << 1U) ^ (carries * 0x1bU);
  }
  return product;
}

}  // namespace

std::uint8_t multiply(std::uint8_t secret, std::uint8_t point) {
  return static_cast<std::uint8_t>(multiply_lanes(secret, point));
}

std::uint8_t reciprocal(std::uint8_t point) {
  HIPPOCRYPT_CHECK(point != 0);
  std::uint8_t power = point;  // point^254 by the exponents 1, 3, 7, ..., 127, then one squaring
  for (int i = 0; i < 6; ++i) power = multiply(multiply(power, power), point);
  return multiply(power, power);
}

SharedSecret::SharedSecret(const SecretBytes& secret, std::size_t threshold,
                           RandomSource& coefficients)
    : lanes_(threshold * lanes) {
  HIPPOCRYPT_CHECK(secret.size() == shared_secret_bytes && threshold >= 1 && threshold <= 255);
  auto* const bytes = reinterpret_cast<std::uint8_t*>(lanes_.reveal().data());
  std::memcpy(bytes, secret.reveal().data(), shared_secret_bytes);
  coefficients.fill({bytes + shared_secret_bytes, (threshold - 1) * shared_secret_bytes});
}

SecretBytes SharedSecret::share(SharePoint point) const {
  HIPPOCRYPT_CHECK(point != 0);
  SecretArray<std::uint64_t> sum(lanes);
  const auto coefficients = lanes_.reveal();
  for (std::size_t i = coefficients.size() / lanes; i-- > 0;) {  // Horner
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      std::uint64_t& value = sum.reveal()[lane];
      value = multiply_lanes(value, point) ^ coefficients[i * lanes + lane];
    }
  }
  SecretBytes out(shared_secret_bytes);
  std::memcpy(out.reveal().data(), sum.reveal().data(), shared_secret_bytes);
  return out;
}

Interpolation::Interpolation(std::span<const SharePoint> points, SharePoint place)
    : factors_(points.size()) {
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::uint8_t above = 1, below = 1;  // Lagrange; subtraction is xor
    for (std::size_t j = 0; j < points.size(); ++j) {
      if (j == i) continue;
      HIPPOCRYPT_CHECK(points[i] != points[j]);
      above = multiply(above, static_cast<std::uint8_t>(place ^ points[j]));
      below = multiply(below, static_cast<std::uint8_t>(points[i] ^ points[j]));
    }
    HIPPOCRYPT_CHECK(points[i] != 0);
    factors_[i] = multiply(above, reciprocal(below));
  }
}

SecretBytes Interpolation::combine(std::span<const ShareBytes* const> shares) const {
  HIPPOCRYPT_CHECK(shares.size() == factors_.size());
  Lanes sum{};
  for (std::size_t i = 0; i < shares.size(); ++i) {
    Lanes share;
    std::memcpy(share.data(), shares[i]->data(), shared_secret_bytes);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      sum[lane] ^= multiply_lanes(share[lane], factors_[i]);
    }
  }
  SecretBytes out(shared_secret_bytes);
  std::memcpy(out.reveal().data(), sum.data(), shared_secret_bytes);
  secure_wipe(sum.data(), sizeof(sum));
  return out;
}

}  // namespace hippocrypt::federation::secagg
