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

PadPlan::PadPlan(const Params& params, LanePolysView polys, const OneTimeSecret& secret,
                 std::size_t tokens)
    : tables_{NttTables::of(params.ring_dim())},
      polys_{polys},
      secret_{secret},
      log_bound_{params.tuniform_log_bound()},
      noise_stride_{round_up_to_lanes(tokens) * tuniform_sample_bytes(log_bound_)},
      few_tokens_{tokens <= most_inner_products ? tokens : 0},
      weights_{few_tokens_ * params.ring_dim()} {
  HIPPOCRYPT_CHECK(polys.ring_dim() == params.ring_dim());
  HIPPOCRYPT_CHECK(SecretAccess::ntt(secret).size() == params.ring_dim(),
                   "the secret has been used before or is of other parameters");
  coefficient_weights(tables_, SecretAccess::ntt(secret).data(), few_tokens_, weights_.data());
}

void PadPlan::add_noise(RandomSource& random, std::size_t features) {
  constexpr std::size_t chunk = groups_a_chunk * lanes;
  noise_keys_ = SecretBytes{(features + chunk - 1) / chunk * StreamRandom::key_bytes};
  random.fill(noise_keys_.reveal());
}

PadMaker::PadMaker(const PadPlan& plan)
    : plan_{plan},
      lanes_{(plan.few_tokens_ != 0 ? lanes : plan.polys_.ring_dim()) * lanes},
      rows_{lanes * visit_tokens},
      noise_{plan.noise_keys_.empty() ? 0 : lanes * plan.noise_stride_} {}

void PadMaker::make(std::size_t g, const Upcoming& upcoming) {
  const NttTables& tables = plan_.tables_;
  const std::uint32_t* const group = plan_.polys_.group(g);
  if (plan_.few_tokens_ != 0) {
    inner_products(tables, group, plan_.weights_.data(), plan_.few_tokens_, lanes_.data());
  } else {
    inverse_product(tables, group, SecretAccess::ntt(plan_.secret_).data(),
                    SecretAccess::quotients(plan_.secret_).data(), lanes_.data(), simd_level(),
                    upcoming);
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
