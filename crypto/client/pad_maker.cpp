#include "crypto/client/pad_maker.hpp"

#include "base/check.hpp"
#include "crypto/client/secret_access.hpp"
#include "crypto/client/tile_kernels.hpp"
#include "crypto/core/lane_transform.hpp"
#include "crypto/core/ntt.hpp"
#include "crypto/core/sampler.hpp"

namespace hippocrypt::crypto {
namespace {

/// The inner products of so many coefficients take two thirds of a transform's time, of 16 all.
constexpr std::size_t most_inner_products = 12;

}  // namespace

PadMaker::PadMaker(const Params& params, LanePolysView polys, const OneTimeSecret& secret,
                   std::size_t tokens)
    : tables_{NttTables::of(params.ring_dim())},
      polys_{polys},
      secret_{secret},
      log_bound_{params.tuniform_log_bound()},
      noise_stride_{round_up_to_lanes(tokens) * tuniform_sample_bytes(log_bound_)},
      few_tokens_{tokens <= most_inner_products ? tokens : 0},
      lanes_{(few_tokens_ != 0 ? lanes : params.ring_dim()) * lanes},
      weights_{few_tokens_ * params.ring_dim()} {
  HIPPOCRYPT_CHECK(polys.ring_dim() == params.ring_dim());
  HIPPOCRYPT_CHECK(SecretAccess::ntt(secret).size() == params.ring_dim(),
                   "the secret has been used before or is of other parameters");
  coefficient_weights(tables_, SecretAccess::ntt(secret).data(), few_tokens_, weights_.data());
}

void PadMaker::add_noise(RandomSource& random) {
  stream_ = std::make_unique<StreamRandom>(random);
  noise_ = SecretBytes{lanes * noise_stride_};
}

void PadMaker::make(std::size_t g, const Upcoming& upcoming) {
  if (few_tokens_ != 0) {
    inner_products(tables_, polys_.group(g), weights_.data(), few_tokens_, lanes_.data());
  } else {
    inverse_product(tables_, polys_.group(g), SecretAccess::ntt(secret_).data(),
                    SecretAccess::quotients(secret_).data(), lanes_.data(), simd_level(), upcoming);
  }
  if (stream_ != nullptr) stream_->fill(noise_.reveal());
}

void PadMaker::write_rows(std::size_t first, std::size_t count, std::uint32_t* rows,
                          std::size_t row_stride) const {
  const std::size_t skipped = first * tuniform_sample_bytes(log_bound_);
  make_pad_rows({.lanes = lanes_.data() + first * lanes,
                 .noise = noise_.empty() ? nullptr : noise_.reveal().data() + skipped,
                 .noise_stride = noise_stride_,
                 .log_bound = log_bound_,
                 .q = modulus_q,
                 .tokens = count,
                 .rows = rows,
                 .row_stride = row_stride});
}

}  // namespace hippocrypt::crypto
