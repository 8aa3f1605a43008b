#include "crypto/client/tile_cipher.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "crypto/client/aligned_words.hpp"
#include "crypto/client/secret_access.hpp"
#include "crypto/client/tile_kernels.hpp"
#include "crypto/client/token_scale.hpp"
#include "crypto/core/lane_transform.hpp"
#include "crypto/core/ntt.hpp"
#include "crypto/core/prng.hpp"
#include "crypto/core/sampler.hpp"

namespace hippocrypt::crypto {
namespace {

constexpr std::size_t scratch_words = 256;

std::size_t round_up_to_lanes(std::size_t count) { return (count + lanes - 1) / lanes * lanes; }

/// Makes the pads (polynomial ∘ secret) of one group after another in one buffer.
class PadMaker {
 public:
  PadMaker(const Params& params, LanePolysView polys, const OneTimeSecret& secret)
      : tables_{NttTables::of(params.ring_dim())},
        polys_{polys},
        secret_{secret},
        pads_{params.ring_dim() * lanes},
        scratch_{scratch_words} {
    HIPPOCRYPT_CHECK(polys.ring_dim() == params.ring_dim());
    HIPPOCRYPT_CHECK(SecretAccess::ntt(secret).size() == params.ring_dim(),
                     "the secret has been used before or is of other parameters");
  }
  const std::uint32_t* make(std::size_t group) {
    inverse_product(tables_, polys_.group(group), SecretAccess::ntt(secret_).data(),
                    SecretAccess::quotients(secret_).data(), pads_.data());
    return pads_.data();
  }
  std::uint32_t* scratch() { return scratch_.data(); }

 private:
  const NttTables& tables_;
  LanePolysView polys_;
  const OneTimeSecret& secret_;
  AlignedSecretWords pads_, scratch_;
};

Bytes encrypt_body(const Params& params, LanePolysView masks, ConstMatrixView x,
                   const std::vector<double>& scales, const OneTimeSecret& secret,
                   RandomSource& random) {
  const std::size_t tokens = x.cols(), padded = round_up_to_lanes(tokens);
  std::vector<double> padded_scales = scales;
  padded_scales.resize(padded);
  for (double& scale : padded_scales) scale = std::isfinite(scale) ? scale : 1;  // 1·0, not inf·0
  StreamRandom stream{random};
  SecretArray<std::int16_t> errors{lanes * padded};
  PadMaker pads{params, masks, secret};
  Bytes body(x.rows() * tokens * upload_bytes_per_value);
  for (std::size_t first = 0; first < x.rows(); first += lanes) {
    sample_tuniform(stream, params.tuniform_log_bound(), errors.reveal());
    encrypt_group({.pads = pads.make(first / lanes),
                   .x = x.row(first).data(),
                   .x_stride = x.stride(),
                   .scale = padded_scales.data(),
                   .errors = errors.reveal().data(),
                   .error_stride = padded,
                   .body = body.data() + first * tokens * upload_bytes_per_value,
                   .features = std::min(lanes, x.rows() - first),
                   .tokens = tokens,
                   .q = modulus_q,
                   .scratch = pads.scratch()});
  }
  return body;
}

}  // namespace

Result<EncryptedTile> encrypt_tile(const Params& params, LanePolysView masks, RowNormBounds bounds,
                                   ConstMatrixView x, OneTimeSecret secret, RandomSource& random) {
  HIPPOCRYPT_CHECK(masks.count() >= x.rows());
  if (x.cols() == 0 || x.cols() > params.ring_dim()) {
    return Error{Errc::out_of_range, "a tile holds 1 to " + std::to_string(params.ring_dim()) +
                                         " tokens, not " + std::to_string(x.cols())};
  }
  HIPPOCRYPT_TRY(std::vector<double> scales, guaranteed_scales(params, bounds, x));
  Bytes body = encrypt_body(params, masks, x, scales, secret, random);
  return EncryptedTile{std::move(body), std::move(scales),
                       SecretAccess::response_key(std::move(secret))};
}

Result<Matrix> decrypt_tile(const Params& params, LanePolysView hints, ByteView answer,
                            const std::vector<double>& token_scale, ResponseKey key) {
  const std::size_t tokens = token_scale.size();
  HIPPOCRYPT_CHECK(tokens >= 1 && tokens <= params.ring_dim());
  const std::size_t want = hints.count() * tokens * download_bytes_per_value;
  if (answer.size() != want) {
    return Error{Errc::malformed, "the server's answer has " + std::to_string(answer.size()) +
                                      " bytes where " + std::to_string(want) +
                                      " are due: it belongs to another product or is damaged"};
  }
  std::vector<double> inverse_scales(round_up_to_lanes(tokens));
  for (std::size_t t = 0; t < tokens; ++t) inverse_scales[t] = 1 / token_scale[t];
  PadMaker pads{params, hints, SecretAccess::secret(key)};
  Matrix y{hints.count(), tokens};
  for (std::size_t first = 0; first < hints.count(); first += lanes) {
    decrypt_group({.pads = pads.make(first / lanes),
                   .answer = answer.data() + first * tokens * download_bytes_per_value,
                   .inverse_scale = inverse_scales.data(),
                   .y = y.row(first).data(),
                   .features = std::min(lanes, hints.count() - first),
                   .tokens = tokens,
                   .q = modulus_q,
                   .scratch = pads.scratch()});
  }
  return y;
}

}  // namespace hippocrypt::crypto
