#include "benchmarks/transforms.hpp"

#include <memory>

#include "crypto/core/lane_transform.hpp"
#include "crypto/core/modulus.hpp"
#include "crypto/core/ntt.hpp"

namespace hippocrypt::bench {
namespace {

constexpr std::size_t groups = 64;
constexpr std::size_t line_bytes = 64;

}  // namespace

Transforms::Transforms(const crypto::Params& params)
    : ring_dim_{params.ring_dim()},
      polys_{random_polys(params, groups * crypto::lanes)},
      factors_(ring_dim_),
      quotients_(ring_dim_),
      out_(ring_dim_ * crypto::lanes + line_bytes / sizeof(std::uint32_t)) {
  for (std::size_t k = 0; k < ring_dim_; ++k) {
    factors_[k] = polys_.view().at(0, k);
    quotients_[k] = crypto::shoup_quotient(factors_[k]);
  }
  void* first = out_.data();
  std::size_t space = out_.size() * sizeof out_[0];
  aligned_out_ = static_cast<std::uint32_t*>(
      std::align(line_bytes, ring_dim_ * crypto::lanes * sizeof out_[0], first, space));
}

void Transforms::run(SimdLevel level) const {
  for (std::size_t g = 0; g < groups; ++g) {
    crypto::inverse_product(crypto::NttTables::of(ring_dim_), polys_.view().group(g),
                            factors_.data(), quotients_.data(), aligned_out_, level);
  }
}

double Transforms::coefficients() const {
  return static_cast<double>(groups * crypto::lanes * ring_dim_);
}

}  // namespace hippocrypt::bench
