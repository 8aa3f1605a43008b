#include "crypto/core/lane_transform.hpp"

#include "base/check.hpp"
#include "crypto/core/lane_kernels.hpp"
#include "crypto/core/ntt.hpp"
#include "crypto/core/params.hpp"

namespace hippocrypt::crypto {

void inverse_product(const NttTables& tables, const std::uint32_t* group,
                     const std::uint32_t* secret, const std::uint32_t* secret_quotients,
                     std::uint32_t* out, SimdLevel level) {
  HIPPOCRYPT_CHECK(tables.ring_dim() >= 16);
  const lane_kernels::InverseProduct job{group,
                                         secret,
                                         secret_quotients,
                                         tables.inverse_roots(),
                                         tables.inverse_root_quotients(),
                                         tables.ring_dim(),
                                         modulus_q,
                                         out};
  switch (level) {
    case SimdLevel::avx512:
      return lane_kernels::avx512_inverse_product(job);
    case SimdLevel::avx2:
      return lane_kernels::avx2_inverse_product(job);
    case SimdLevel::portable:
      return lane_kernels::portable_inverse_product(job);
  }
}

}  // namespace hippocrypt::crypto
