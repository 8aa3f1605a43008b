#pragma once
// Shamir's t-of-n sharing (1979) of 32-byte secrets, byte by byte over GF(2^8) with the polynomial
// x^8+x^4+x^3+x+1. Secret bytes meet no branch and no table index; the points are public.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "base/secret.hpp"

namespace hippocrypt::federation::secagg {

inline constexpr std::size_t shared_secret_bytes = 32;

/// Where a share's polynomial is evaluated: never 0, which is the secret's place.
using SharePoint = std::uint8_t;
/// A share as it lies in a message.
using ShareBytes = std::array<std::uint8_t, shared_secret_bytes>;

/// A 32-byte secret as the constant terms of 32 polynomials of degree threshold - 1 whose other
/// coefficients come from `coefficients`.
class SharedSecret {
 public:
  SharedSecret(const SecretBytes& secret, std::size_t threshold, RandomSource& coefficients);
  /// The share at `point`, 32 bytes.
  SecretBytes share(SharePoint point) const;

 private:
  SecretArray<std::uint64_t> lanes_;  ///< four words, eight bytes each, for every coefficient
};

/// The polynomials through the shares at `points`, as seen from another place.
class Interpolation {
 public:
  /// `points`: all different, none 0. `place`: 0 for the secret, or a point that checks a share.
  Interpolation(std::span<const SharePoint> points, SharePoint place);
  /// The value at the place; `shares` lie at the points, in their order.
  SecretBytes combine(std::span<const ShareBytes* const> shares) const;

 private:
  std::vector<std::uint8_t> factors_;
};

/// Product in GF(2^8), in constant time for `secret`; `point` is public.
std::uint8_t multiply(std::uint8_t secret, std::uint8_t point);
/// The reciprocal of a public number that is not 0.
std::uint8_t reciprocal(std::uint8_t point);

}  // namespace hippocrypt::federation::secagg
