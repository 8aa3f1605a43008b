#include "crypto/client/pad_maker.hpp"

#include "base/check.hpp"
#include "crypto/client/secret_access.hpp"
#include "crypto/client/tile_kernels.hpp"
#include "crypto/core/lane_transform.hpp"
#include "crypto/core/ntt.hpp"
#include "crypto/core/sampler.hpp"

namespace hippocrypt::crypto {
namespace {

/// Beyond so many coefficients the first stages of a transform are faster than inner products.
constexpr std::size_t most_inner_products = 5;

}  // namespace

PadPlan::PadPlan(const Params& params, LanePolysView polys, const OneTimeSecret& secret,
                 std::size_t tokens)
    : tables_{NttTables::of(params.ring_dim())},
      polys_{polys},
      secret_{secret},
      log_bound_{params.tuniform_log_bound()},
      noise_stride_{round_up_to_lanes(tokens) * tuniform_sample_bytes(log_bound_)},
      tokens_{tokens},
      inner_products_{tokens <= most_inner_products ? tokens : 0},
      weights_{inner_products_ * params.ring_dim()} {
  HIPPOCRYPT_CHECK(polys.ring_dim() == params.ring_dim());
  HIPPOCRYPT_CHECK(SecretAccess::ntt(secret).size() == params.ring_dim(),
                   "the secret has been used before or is of other parameters");
  coefficient_weights(tables_, SecretAccess::ntt(secret).data(), inner_products_, weights_.data());
}

void PadPlan::add_noise(RandomSource& random, std::size_t features) {
  constexpr std::size_t chunk = groups_a_chunk * lanes;
  noise_keys_ = SecretBytes{(features + chunk - 1) / chunk * StreamRandom::key_bytes};
  random.fill(noise_keys_.reveal());
}

PadMaker::PadMaker(const PadPlan& plan)
    : plan_{plan},
      lanes_{(plan.tokens_ <= most_first_coefficients ? most_first_coefficients
                                                      : plan.polys_.ring_dim()) *
             lanes},
      rows_{lanes * visit_tokens},
      noise_{plan.noise_keys_.empty() ? 0 : lanes * plan.noise_stride_} {}

void PadMaker::make(std::size_t g, const Upcoming& upcoming) {
  const NttTables& tables = plan_.tables_;
  const std::uint32_t* const group = plan_.polys_.group(g);
  const std::uint32_t* const secret = SecretAccess::ntt(plan_.secret_).data();
  const std::uint32_t* const quotients = SecretAccess::quotients(plan_.secret_).data();
  if (plan_.inner_products_ != 0) {
    inner_products(tables, group, plan_.weights_.data(), plan_.inner_products_, lanes_.data());
  } else if (plan_.tokens_ <= most_first_coefficients) {
    first_coefficients(tables, group, secret, quotients, plan_.tokens_, lanes_.data());
  } else {
    inverse_product(tables, group, secret, quotients, lanes_.data(), simd_level(), upcoming,
                    round_up_to_lanes(plan_.tokens_));
  }
  if (noise_.empty()) return;
  if (g % groups_a_chunk == 0) {
    const auto key = plan_.noise_keys_.reveal().subspan(
        g / groups_a_chunk * StreamRandom::key_bytes, StreamRandom::key_bytes);
    stream_ = std::make_unique<StreamRandom>(key.first<StreamRandom::key_bytes>());
  }
  stream_->fill(noise_.reveal());
}

void PadMaker::write_rows(std::size_t first, std::size_t count, std::uint32_t* rows,
                          std::size_t row_stride) const {
  const std::size_t skipped = first * tuniform_sample_bytes(plan_.log_bound_);
  make_pad_rows({.lanes = lanes_.data() + first * lanes,
                 .noise = noise_.empty() ? nullptr : noise_.reveal().data() + skipped,
                 .noise_stride = plan_.noise_stride_,
                 .log_bound = plan_.log_bound_,
                 .q = modulus_q,
                 .tokens = count,
                 .rows = rows,
                 .row_stride = row_stride});
}

const std::uint32_t* PadMaker::visit_rows(std::size_t first, std::size_t count) {
  write_rows(first, count, rows_.data(), visit_tokens);
  return rows_.data();
}

}  // namespace hippocrypt::crypto
