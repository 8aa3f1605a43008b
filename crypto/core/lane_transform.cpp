#include "crypto/core/lane_transform.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/check.hpp"
#include "base/secret.hpp"
#include "crypto/core/lane_kernels.hpp"
#include "crypto/core/lane_polys.hpp"
#include "crypto/core/modulus.hpp"
#include "crypto/core/ntt.hpp"

namespace hippocrypt::crypto {

namespace {

lane_kernels::InverseProduct job_of(const NttTables& tables, const std::uint32_t* group,
                                    const std::uint32_t* secret,
                                    const std::uint32_t* secret_quotients, std::uint32_t* out,
                                    const Upcoming& upcoming, std::size_t wanted) {
  HIPPOCRYPT_CHECK(tables.ring_dim() >= 16);
  return {group,
          secret,
          secret_quotients,
          tables.inverse_roots(),
          tables.inverse_root_quotients(),
          tables.ring_dim(),
          modulus_q,
          out,
          upcoming,
          wanted};
}

}  // namespace

void inverse_product(const NttTables& tables, const std::uint32_t* group,
                     const std::uint32_t* secret, const std::uint32_t* secret_quotients,
                     std::uint32_t* out, SimdLevel level, const Upcoming& upcoming,
                     std::size_t wanted) {
  const auto job = job_of(tables, group, secret, secret_quotients, out, upcoming, wanted);
  switch (level) {
    case SimdLevel::avx512:
      return lane_kernels::avx512_inverse_product(job);
    case SimdLevel::avx2:
      return lane_kernels::avx2_inverse_product(job);
    case SimdLevel::portable:
      return lane_kernels::portable_inverse_product(job);
  }
}

void first_coefficients(const NttTables& tables, const std::uint32_t* group,
                        const std::uint32_t* secret, const std::uint32_t* secret_quotients,
                        std::size_t count, std::uint32_t* out, SimdLevel level) {
  HIPPOCRYPT_CHECK(count >= 1 && count <= most_first_coefficients);
  const auto job = job_of(tables, group, secret, secret_quotients, out, {}, count);
  switch (level) {
    case SimdLevel::avx512:
      return lane_kernels::avx512_first_coefficients(job, count);
    case SimdLevel::avx2:
      return lane_kernels::avx2_first_coefficients(job, count);
    case SimdLevel::portable:
      return lane_kernels::portable_first_coefficients(job, count);
  }
}

namespace {

void run_kernel(const lane_kernels::InnerProducts& job, SimdLevel level) {
  switch (level) {
    case SimdLevel::avx512:
      return lane_kernels::avx512_inner_products(job);
    case SimdLevel::avx2:
      return lane_kernels::avx2_inner_products(job);
    case SimdLevel::portable:
      return lane_kernels::portable_inner_products(job);
  }
}

}  // namespace

void inner_products(const NttTables& tables, const std::uint32_t* group,
                    const std::uint32_t* weights, std::size_t count, std::uint32_t* out,
                    SimdLevel level) {
  constexpr std::size_t most = lane_kernels::inner_products_at_once;
  constexpr std::uint64_t two_to_32 = (std::uint64_t{1} << 32) % modulus_q;
  static_assert(two_to_32 < (1U << 20), "the kernels' sums rely on it");
  const std::size_t ring_dim = tables.ring_dim();
  std::array<std::uint64_t, most * lanes> sums{};
  for (std::size_t first = 0; first < count; first += most) {
    const std::size_t some = std::min(most, count - first);
    run_kernel({group, weights + first * ring_dim, ring_dim, some,
                static_cast<std::uint32_t>(two_to_32), sums.data()},
               level);
    for (std::size_t i = 0; i < some * lanes; ++i) {
      out[first * lanes + i] = static_cast<std::uint32_t>(sums[i] % modulus_q);
    }
  }
  secure_wipe(sums.data(), sizeof sums);
}

void coefficient_weights(const NttTables& tables, const std::uint32_t* secret, std::size_t count,
                         std::uint32_t* weights) {
  const std::size_t ring_dim = tables.ring_dim();
  std::copy_n(secret, count == 0 ? 0 : ring_dim, weights);
  if (count <= 1) return;
  // X^-1 = -X^(N-1), so this is ζ_k^-1.
  std::vector<std::uint32_t> inverse_points(ring_dim);
  inverse_points.back() = modulus_q - 1;
  tables.forward(inverse_points);
  for (std::size_t i = ring_dim; i < count * ring_dim; ++i) {
    weights[i] = mul_mod(weights[i - ring_dim], inverse_points[i % ring_dim]);
  }
}

}  // namespace hippocrypt::crypto
