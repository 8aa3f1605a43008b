#include "crypto/core/ntt.hpp"

#include <array>
#include <bit>

#include "base/check.hpp"
#include "crypto/core/modulus.hpp"

namespace hippocrypt::crypto {
namespace {

constexpr std::uint32_t two_q = 2 * modulus_q;

/// x < 4q to [0, 2q).
constexpr std::uint32_t reduce_twice(std::uint32_t x) {
  return x - (two_q & (0U - static_cast<std::uint32_t>(x >= two_q)));
}

std::uint32_t find_root(std::size_t ring_dim) {
  for (std::uint32_t x = 2;; ++x) {
    const std::uint32_t root = pow_mod(x, (modulus_q - 1) / (2 * ring_dim));
    if (pow_mod(root, ring_dim) == modulus_q - 1) return root;  // order exactly 2N
  }
}

std::size_t bit_reverse(std::size_t value, int bits) {
  std::size_t out = 0;
  for (int i = 0; i < bits; ++i) out |= ((value >> i) & 1) << (bits - 1 - i);
  return out;
}

}  // namespace

NttTables::NttTables(std::size_t ring_dim)
    : ring_dim_{ring_dim},
      inverse_ring_dim_{inverse_mod(static_cast<std::uint32_t>(ring_dim))},
      roots_(ring_dim),
      quotients_(ring_dim),
      inverse_roots_(ring_dim),
      inverse_quotients_(ring_dim) {
  HIPPOCRYPT_CHECK(std::has_single_bit(ring_dim) && ring_dim >= 8 && ring_dim <= 2048);
  const std::uint32_t root = find_root(ring_dim);
  const int bits = std::countr_zero(ring_dim);
  for (std::size_t i = 0; i < ring_dim; ++i) {
    roots_[i] = pow_mod(root, bit_reverse(i, bits));
    inverse_roots_[i] = inverse_mod(roots_[i]);
    quotients_[i] = shoup_quotient(roots_[i]);
    inverse_quotients_[i] = shoup_quotient(inverse_roots_[i]);
  }
}

const NttTables& NttTables::of(std::size_t ring_dim) {
  static const std::array<NttTables, 4> tables{NttTables{256}, NttTables{512}, NttTables{1024},
                                               NttTables{2048}};
  for (const NttTables& table : tables) {
    if (table.ring_dim() == ring_dim) return table;
  }
  check_failed(__FILE__, __LINE__, "ring_dim", "no parameter set has this ring dimension");
}

void NttTables::forward(std::span<std::uint32_t> poly) const {
  HIPPOCRYPT_CHECK(poly.size() == ring_dim_);
  std::size_t stride = ring_dim_;
  for (std::size_t blocks = 1; blocks < ring_dim_; blocks *= 2) {
    stride /= 2;
    for (std::size_t i = 0; i < blocks; ++i) {
      std::uint32_t* const low = poly.data() + 2 * i * stride;
      std::uint32_t* const high = low + stride;
      const std::uint32_t w = roots_[blocks + i], quotient = quotients_[blocks + i];
      for (std::size_t j = 0; j < stride; ++j) {  // values below 4q in and out
        const std::uint32_t x = reduce_twice(low[j]);
        const std::uint32_t y = mul_shoup_lazy(high[j], w, quotient);
        low[j] = x + y;
        high[j] = x + two_q - y;
      }
    }
  }
  for (std::uint32_t& value : poly) value = reduce_once(reduce_twice(value));
}

void NttTables::inverse(std::span<std::uint32_t> poly) const {
  HIPPOCRYPT_CHECK(poly.size() == ring_dim_);
  std::size_t stride = 1;
  for (std::size_t blocks = ring_dim_ / 2; blocks >= 1; blocks /= 2) {
    for (std::size_t i = 0; i < blocks; ++i) {
      std::uint32_t* const low = poly.data() + 2 * i * stride;
      std::uint32_t* const high = low + stride;
      const std::uint32_t w = inverse_roots_[blocks + i], quotient = inverse_quotients_[blocks + i];
      for (std::size_t j = 0; j < stride; ++j) {  // values below 2q in and out
        const std::uint32_t x = low[j], y = high[j];
        low[j] = reduce_twice(x + y);
        high[j] = mul_shoup_lazy(x + two_q - y, w, quotient);
      }
    }
    stride *= 2;
  }
  const std::uint32_t quotient = shoup_quotient(inverse_ring_dim_);
  for (std::uint32_t& value : poly) {
    value = reduce_once(mul_shoup_lazy(value, inverse_ring_dim_, quotient));
  }
}

}  // namespace hippocrypt::crypto
