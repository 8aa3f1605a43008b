#include "crypto/client/tile_cipher.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/parallel.hpp"
#include "crypto/client/pad_maker.hpp"
#include "crypto/client/secret_access.hpp"
#include "crypto/client/tile_kernels.hpp"
#include "crypto/client/token_scale.hpp"

namespace hippocrypt::crypto {
namespace {

Status check_tokens(std::size_t tokens, std::size_t most) {
  if (tokens >= 1 && tokens <= most) return {};
  return Error{Errc::out_of_range, "a tile holds 1 to " + std::to_string(most) + " tokens, not " +
                                       std::to_string(tokens)};
}

/// D_t as the kernels read it: in whole blocks, and 1 for zero columns, as infinity·0 is no number.
std::vector<double> kernel_scales(const std::vector<double>& scales) {
  std::vector<double> padded = scales;
  padded.resize(round_up_to_lanes(scales.size()));
  for (double& scale : padded) scale = std::isfinite(scale) ? scale : 1;
  return padded;
}

/// Turns rows of x into rows of the body, 16 features at a time, from several threads.
class BodyWriter {
 public:
  BodyWriter(const Params& params, ConstMatrixView x, const std::vector<double>& scales,
             std::span<std::uint8_t> body)
      : x_{x},
        scales_{kernel_scales(scales)},
        bits_{params.wire().upload_bits},
        row_bytes_{row_bytes(bits_, x.cols())},
        body_{body} {
    HIPPOCRYPT_CHECK(body.size() == x.rows() * row_bytes_);
  }
  /// What the features from `first` on will read and write.
  Upcoming upcoming(std::size_t first) const {
    const bool is_dense = x_.stride() == x_.cols();
    const std::size_t count = count_from(first);
    return {reinterpret_cast<const std::uint8_t*>(x_.row(first).data()),
            is_dense ? count * x_.cols() * sizeof(float) : 0, body_.data() + first * row_bytes_,
            count * row_bytes_};
  }
  /// Tokens [t, t + tokens) of the features from `first` on; t a multiple of 16.
  void write(std::size_t first, std::size_t t, std::size_t tokens, const std::uint32_t* pads,
             std::size_t pad_stride) const {
    encrypt_rows({.pads = pads,
                  .pad_stride = pad_stride,
                  .x = x_.row(first).data() + t,
                  .x_stride = x_.stride(),
                  .scale = scales_.data() + t,
                  .body = body_.data() + first * row_bytes_ + t * bits_ / 8,
                  .body_stride = row_bytes_,
                  .features = count_from(first),
                  .tokens = tokens,
                  .q = modulus_q,
                  .upload_bits = bits_});
  }

 private:
  std::size_t count_from(std::size_t first) const { return std::min(lanes, x_.rows() - first); }

  ConstMatrixView x_;
  std::vector<double> scales_;
  unsigned bits_;
  std::size_t row_bytes_;
  std::span<std::uint8_t> body_;
};

/// Turns rows of the answer into rows of y, 16 outputs at a time, from several threads.
class AnswerReader {
 public:
  AnswerReader(const Params& params, ByteView answer, const std::vector<double>& token_scale,
               std::span<const float> row_scale, MatrixView y)
      : answer_{answer},
        bits_{params.wire().download_bits},
        row_bytes_{row_bytes(bits_, token_scale.size())},
        inverse_scales_(round_up_to_lanes(token_scale.size())),
        row_scale_{row_scale},
        y_{y} {
    for (std::size_t t = 0; t < token_scale.size(); ++t) inverse_scales_[t] = 1 / token_scale[t];
  }
  Upcoming upcoming(std::size_t first) const {
    const bool is_dense = y_.stride() == y_.cols();
    const std::size_t count = count_from(first);
    return {answer_.data() + first * row_bytes_, count * row_bytes_,
            reinterpret_cast<const std::uint8_t*>(y_.row(first).data()),
            is_dense ? count * y_.cols() * sizeof(float) : 0};
  }
  /// Tokens [t, t + tokens) of outputs from `first`; t a multiple of 16.
  void read(std::size_t first, std::size_t t, std::size_t tokens, const std::uint32_t* pads,
            std::size_t pad_stride) const {
    decrypt_rows({.pads = pads,
                  .pad_stride = pad_stride,
                  .answer = answer_.data() + first * row_bytes_ + t * bits_ / 8,
                  .answer_stride = row_bytes_,
                  .inverse_scale = inverse_scales_.data() + t,
                  .y = y_.row(first).data() + t,
                  .y_stride = y_.stride(),
                  .features = count_from(first),
                  .tokens = tokens,
                  .q = modulus_q,
                  .download_bits = bits_});
    if (row_scale_.empty()) return;
    for (std::size_t i = first; i < first + count_from(first); ++i) {
      for (float& value : y_.row(i).subspan(t, tokens)) value *= row_scale_[i];
    }
  }

 private:
  std::size_t count_from(std::size_t first) const { return std::min(lanes, y_.rows() - first); }

  ByteView answer_;
  unsigned bits_;
  std::size_t row_bytes_;
  std::vector<double> inverse_scales_;
  std::span<const float> row_scale_;
  MatrixView y_;
};

/// Calls visit(t, count) for pieces of [0, tokens).
template <class Visit>
void for_each_visit(std::size_t tokens, const Visit& visit) {
  for (std::size_t t = 0; t < tokens; t += visit_tokens) {
    visit(t, std::min(visit_tokens, tokens - t));
  }
}

}  // namespace

std::size_t tile_body_bytes(const Params& params, std::size_t features, std::size_t tokens) {
  return features * row_bytes(params.wire().upload_bits, tokens);
}

Result<TileOpener> encrypt_tile_into(const Params& params, LanePolysView masks,
                                     RowNormBounds bounds, ConstMatrixView x, OneTimeSecret secret,
                                     RandomSource& random, std::span<std::uint8_t> body,
                                     std::size_t threads) {
  HIPPOCRYPT_CHECK(masks.count() >= x.rows());
  HIPPOCRYPT_TRY_VOID(check_tokens(x.cols(), params.ring_dim()));
  HIPPOCRYPT_TRY(std::vector<double> scales, guaranteed_scales(params, bounds, x, threads));
  const BodyWriter writer{params, x, scales, body};
  PadPlan plan{params, masks, secret, x.cols()};
  plan.add_noise(random, x.rows());
  for_each_group(plan, x.rows(), threads, [&](PadMaker& maker, std::size_t g) {
    maker.make(g, writer.upcoming(g * lanes));
    for_each_visit(x.cols(), [&](std::size_t t, std::size_t count) {
      writer.write(g * lanes, t, count, maker.visit_rows(t, count), visit_tokens);
    });
  });
  return TileOpener{std::move(scales), SecretAccess::response_key(std::move(secret))};
}

Result<TileOpener> encrypt_tile_into(const Params& params, TilePads pads, RowNormBounds bounds,
                                     ConstMatrixView x, std::span<std::uint8_t> body,
                                     std::size_t threads) {
  const AlignedSecretWords& rows = SecretAccess::encryption_rows(pads);
  HIPPOCRYPT_CHECK(rows.size() != 0, "the pads have been used before");
  HIPPOCRYPT_CHECK(SecretAccess::params(pads) == params.fingerprint());
  if (x.rows() != pads.inputs()) {
    return Error{Errc::out_of_range, "the pads are for " + std::to_string(pads.inputs()) +
                                         " features, not for " + std::to_string(x.rows())};
  }
  HIPPOCRYPT_TRY_VOID(check_tokens(x.cols(), pads.tokens()));
  HIPPOCRYPT_TRY(std::vector<double> scales, guaranteed_scales(params, bounds, x, threads));
  const BodyWriter writer{params, x, scales, body};
  const std::size_t stride = SecretAccess::decryption_pads(pads).stride;
  run_ranges(x.rows(), lanes, threads, [&](std::size_t first, std::size_t) {
    writer.write(first, 0, x.cols(), rows.data() + first * stride, stride);
  });
  return TileOpener{std::move(scales),
                    SecretAccess::response_key(std::move(SecretAccess::decryption_pads(pads)))};
}

Result<EncryptedTile> encrypt_tile(const Params& params, LanePolysView masks, RowNormBounds bounds,
                                   ConstMatrixView x, OneTimeSecret secret, RandomSource& random) {
  HIPPOCRYPT_TRY_VOID(check_tokens(x.cols(), params.ring_dim()));
  Bytes body(tile_body_bytes(params, x.rows(), x.cols()));
  HIPPOCRYPT_TRY(TileOpener opener,
                 encrypt_tile_into(params, masks, bounds, x, std::move(secret), random, body, 1));
  return EncryptedTile{std::move(body), std::move(opener.token_scale), std::move(opener.key)};
}

Result<EncryptedTile> encrypt_tile(const Params& params, TilePads pads, RowNormBounds bounds,
                                   ConstMatrixView x) {
  HIPPOCRYPT_TRY_VOID(check_tokens(x.cols(), params.ring_dim()));
  Bytes body(tile_body_bytes(params, x.rows(), x.cols()));
  HIPPOCRYPT_TRY(TileOpener opener, encrypt_tile_into(params, std::move(pads), bounds, x, body, 1));
  return EncryptedTile{std::move(body), std::move(opener.token_scale), std::move(opener.key)};
}

Status decrypt_tile_into(const Params& params, LanePolysView hints, ByteView answer,
                         const std::vector<double>& token_scale, const ResponseKey& key,
                         std::span<const float> row_scale, MatrixView y, std::size_t threads) {
  const std::size_t tokens = token_scale.size(), outputs = hints.count();
  HIPPOCRYPT_CHECK(tokens >= 1 && tokens <= params.ring_dim());
  HIPPOCRYPT_CHECK(y.rows() == outputs && y.cols() == tokens);
  HIPPOCRYPT_CHECK(row_scale.empty() || row_scale.size() == outputs);
  const std::size_t want = outputs * row_bytes(params.wire().download_bits, tokens);
  if (answer.size() != want) {
    return Error{Errc::malformed, "the server's answer has " + std::to_string(answer.size()) +
                                      " bytes where " + std::to_string(want) +
                                      " are due: it belongs to another product or is damaged"};
  }
  const AnswerReader reader{params, answer, token_scale, row_scale, y};
  const DecryptionPads& made = SecretAccess::pads(key);
  if (made.rows.size() != 0) {
    HIPPOCRYPT_CHECK(made.outputs == outputs && made.stride >= tokens);
    run_ranges(outputs, lanes, threads, [&](std::size_t first, std::size_t) {
      reader.read(first, 0, tokens, made.rows.data() + first * made.stride, made.stride);
    });
    return {};
  }
  const PadPlan plan{params, hints, SecretAccess::secret(key), tokens};
  for_each_group(plan, outputs, threads, [&](PadMaker& maker, std::size_t g) {
    maker.make(g, reader.upcoming(g * lanes));
    for_each_visit(tokens, [&](std::size_t t, std::size_t count) {
      reader.read(g * lanes, t, count, maker.visit_rows(t, count), visit_tokens);
    });
  });
  return {};
}

Result<Matrix> decrypt_tile(const Params& params, LanePolysView hints, ByteView answer,
                            const std::vector<double>& token_scale, ResponseKey key) {
  Matrix y{hints.count(), token_scale.size()};
  HIPPOCRYPT_TRY_VOID(decrypt_tile_into(params, hints, answer, token_scale, key, {}, y.view(), 1));
  return y;
}

}  // namespace hippocrypt::crypto
