#pragma once
// Arithmetic modulo q and the two modulus switches, for single values. Nothing here branches on a
// value, so secrets may pass through. The vector kernels compute the same functions.
// Legend: q = modulus_q; x, y in [0, q); w is a constant factor with Shoup quotient w' =
// ⌊w·2^32/q⌋.

#include <cstdint>

#include "crypto/core/params.hpp"

namespace hippocrypt::crypto {

static_assert(modulus_q % 4096 == 1, "negacyclic transforms up to N = 2048 need a 2N-th root of 1");
static_assert(4ULL * modulus_q < (1ULL << 32), "lazy butterflies hold values below 4q in 32 bits");

/// x < 2q to [0, q).
constexpr std::uint32_t reduce_once(std::uint32_t x) {
  return x - (modulus_q & (0U - static_cast<std::uint32_t>(x >= modulus_q)));
}
constexpr std::uint32_t add_mod(std::uint32_t x, std::uint32_t y) { return reduce_once(x + y); }
constexpr std::uint32_t sub_mod(std::uint32_t x, std::uint32_t y) {
  return reduce_once(x + modulus_q - y);
}
constexpr std::uint32_t mul_mod(std::uint32_t x, std::uint32_t y) {
  return static_cast<std::uint32_t>(std::uint64_t{x} * y % modulus_q);
}
/// base^exponent; the exponent is public.
constexpr std::uint32_t pow_mod(std::uint32_t base, std::uint64_t exponent) {
  std::uint32_t result = 1;
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = mul_mod(result, base);
    base = mul_mod(base, base);
  }
  return result;
}
/// x^-1 for x ≠ 0 (Fermat; q is prime).
constexpr std::uint32_t inverse_mod(std::uint32_t x) { return pow_mod(x, modulus_q - 2); }
/// A signed value of magnitude below q to [0, q).
constexpr std::uint32_t from_signed(std::int32_t value) {
  return static_cast<std::uint32_t>(value) +
         (modulus_q & (0U - (static_cast<std::uint32_t>(value) >> 31)));
}
/// [0, q) to the representative in [-(q-1)/2, (q-1)/2].
constexpr std::int32_t centre(std::uint32_t x) {
  return static_cast<std::int32_t>(
      x - (modulus_q & (0U - static_cast<std::uint32_t>(x > modulus_q / 2))));
}

/// w' = ⌊w·2^32/q⌋ for w < q.
constexpr std::uint32_t shoup_quotient(std::uint32_t w) {
  return static_cast<std::uint32_t>((std::uint64_t{w} << 32) / modulus_q);
}
/// x·w mod q in [0, 2q), for any 32-bit x (Harvey 2014, "Faster arithmetic for number-theoretic
/// transforms", section 2).
constexpr std::uint32_t mul_shoup_lazy(std::uint32_t x, std::uint32_t w, std::uint32_t quotient) {
  const auto high = static_cast<std::uint32_t>((std::uint64_t{x} * quotient) >> 32);
  return x * w - high * modulus_q;
}

/// round(x·2^bits/q) mod 2^bits, bits ≤ 24. There are no ties, since q is odd: x·2^(bits+1) is
/// never an odd multiple of q.
constexpr std::uint32_t switch_to_upload(std::uint32_t x, unsigned bits = upload_bits) {
  const std::uint64_t twice = (std::uint64_t{x} << (bits + 1)) + modulus_q;
  return static_cast<std::uint32_t>(twice / (2ULL * modulus_q)) & ((1U << bits) - 1);
}
/// round(x·q/2^bits) for x < 2^bits ≤ 2^16, in [0, q]. Ties (x = 2^(bits-1) only) go up.
constexpr std::uint32_t switch_from_download(std::uint32_t x, unsigned bits = download_bits) {
  // q = 2^30 - 2^18 + 1, so x·q/2^bits = x·2^(30-bits) - x·2^(18-bits) + x/2^bits.
  return (x << (30 - bits)) - (x << (18 - bits)) + (x >> (bits - 1));
}

}  // namespace hippocrypt::crypto
