#include "crypto/client/tile_cipher.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

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

/// Turns rows of x into rows of the body, 16 features at a time. The body grows with them, so that
/// each part is written while the zeros of its allocation are still in the cache.
class BodyWriter {
 public:
  BodyWriter(const Params& params, ConstMatrixView x, const std::vector<double>& scales)
      : x_{x},
        scales_{kernel_scales(scales)},
        bits_{params.wire().upload_bits},
        row_bytes_{row_bytes(bits_, x.cols())} {
    body_.reserve(x.rows() * row_bytes_);
  }
  /// What the features from `first` on will read and write.
  Upcoming upcoming(std::size_t first) const {
    const bool is_dense = x_.stride() == x_.cols();
    const std::size_t count = count_from(first);
    return {reinterpret_cast<const std::uint8_t*>(x_.row(first).data()),
            is_dense ? count * x_.cols() * sizeof(float) : 0, body_.data() + first * row_bytes_,
            count * row_bytes_};
  }
  /// Makes room for the features from `first` on.
  void begin(std::size_t first) { body_.resize((first + count_from(first)) * row_bytes_); }
  /// Tokens [t, t + tokens) of them; t a multiple of 16.
  void write(std::size_t first, std::size_t t, std::size_t tokens, const std::uint32_t* pads,
             std::size_t pad_stride) {
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
  Bytes take() { return std::move(body_); }

 private:
  std::size_t count_from(std::size_t first) const { return std::min(lanes, x_.rows() - first); }

  ConstMatrixView x_;
  std::vector<double> scales_;
  unsigned bits_;
  std::size_t row_bytes_;
  Bytes body_;
};

/// Turns rows of the answer into rows of y, 16 outputs at a time.
class AnswerReader {
 public:
  AnswerReader(const Params& params, ByteView answer, std::size_t outputs,
               const std::vector<double>& token_scale)
      : answer_{answer},
        bits_{params.wire().download_bits},
        row_bytes_{row_bytes(bits_, token_scale.size())},
        inverse_scales_(round_up_to_lanes(token_scale.size())),
        y_{outputs, token_scale.size()} {
    for (std::size_t t = 0; t < token_scale.size(); ++t) inverse_scales_[t] = 1 / token_scale[t];
  }
  Upcoming upcoming(std::size_t first) const {
    const std::size_t count = count_from(first);
    return {answer_.data() + first * row_bytes_, count * row_bytes_,
            reinterpret_cast<const std::uint8_t*>(y_.row(first).data()),
            count * y_.cols() * sizeof(float)};
  }
  /// Tokens [t, t + tokens) of outputs from `first`; t a multiple of 16.
  void read(std::size_t first, std::size_t t, std::size_t tokens, const std::uint32_t* pads,
            std::size_t pad_stride) {
    decrypt_rows({.pads = pads,
                  .pad_stride = pad_stride,
                  .answer = answer_.data() + first * row_bytes_ + t * bits_ / 8,
                  .answer_stride = row_bytes_,
                  .inverse_scale = inverse_scales_.data() + t,
                  .y = y_.row(first).data() + t,
                  .y_stride = y_.cols(),
                  .features = count_from(first),
                  .tokens = tokens,
                  .q = modulus_q,
                  .download_bits = bits_});
  }
  Matrix take() { return std::move(y_); }

 private:
  std::size_t count_from(std::size_t first) const { return std::min(lanes, y_.rows() - first); }

  ByteView answer_;
  unsigned bits_;
  std::size_t row_bytes_;
  std::vector<double> inverse_scales_;
  Matrix y_;
};

/// Calls visit(t, count) for pieces of [0, tokens).
template <class Visit>
void for_each_visit(std::size_t tokens, const Visit& visit) {
  for (std::size_t t = 0; t < tokens; t += visit_tokens) {
    visit(t, std::min(visit_tokens, tokens - t));
  }
}

}  // namespace

Result<EncryptedTile> encrypt_tile(const Params& params, LanePolysView masks, RowNormBounds bounds,
                                   ConstMatrixView x, OneTimeSecret secret, RandomSource& random) {
  HIPPOCRYPT_CHECK(masks.count() >= x.rows());
  HIPPOCRYPT_TRY_VOID(check_tokens(x.cols(), params.ring_dim()));
  HIPPOCRYPT_TRY(std::vector<double> scales, guaranteed_scales(params, bounds, x));
  BodyWriter writer{params, x, scales};
  PadMaker maker{params, masks, secret, x.cols()};
  maker.add_noise(random);
  AlignedSecretWords rows{lanes * visit_tokens};
  for (std::size_t first = 0; first < x.rows(); first += lanes) {
    maker.make(first / lanes, writer.upcoming(first));
    writer.begin(first);
    for_each_visit(x.cols(), [&](std::size_t t, std::size_t count) {
      maker.write_rows(t, count, rows.data(), visit_tokens);
      writer.write(first, t, count, rows.data(), visit_tokens);
    });
  }
  return EncryptedTile{writer.take(), std::move(scales),
                       SecretAccess::response_key(std::move(secret))};
}

Result<EncryptedTile> encrypt_tile(const Params& params, TilePads pads, RowNormBounds bounds,
                                   ConstMatrixView x) {
  const AlignedSecretWords& rows = SecretAccess::encryption_rows(pads);
  HIPPOCRYPT_CHECK(rows.size() != 0, "the pads have been used before");
  HIPPOCRYPT_CHECK(SecretAccess::params(pads) == params.fingerprint());
  if (x.rows() != pads.inputs()) {
    return Error{Errc::out_of_range, "the pads are for " + std::to_string(pads.inputs()) +
                                         " features, not for " + std::to_string(x.rows())};
  }
  HIPPOCRYPT_TRY_VOID(check_tokens(x.cols(), pads.tokens()));
  HIPPOCRYPT_TRY(std::vector<double> scales, guaranteed_scales(params, bounds, x));
  BodyWriter writer{params, x, scales};
  const std::size_t stride = SecretAccess::decryption_pads(pads).stride;
  for (std::size_t first = 0; first < x.rows(); first += lanes) {
    writer.begin(first);
    writer.write(first, 0, x.cols(), rows.data() + first * stride, stride);
  }
  return EncryptedTile{writer.take(), std::move(scales),
                       SecretAccess::response_key(std::move(SecretAccess::decryption_pads(pads)))};
}

Result<Matrix> decrypt_tile(const Params& params, LanePolysView hints, ByteView answer,
                            const std::vector<double>& token_scale, ResponseKey key) {
  const std::size_t tokens = token_scale.size(), outputs = hints.count();
  HIPPOCRYPT_CHECK(tokens >= 1 && tokens <= params.ring_dim());
  const std::size_t want = outputs * row_bytes(params.wire().download_bits, tokens);
  if (answer.size() != want) {
    return Error{Errc::malformed, "the server's answer has " + std::to_string(answer.size()) +
                                      " bytes where " + std::to_string(want) +
                                      " are due: it belongs to another product or is damaged"};
  }
  AnswerReader reader{params, answer, outputs, token_scale};
  const DecryptionPads& made = SecretAccess::pads(key);
  if (made.rows.size() != 0) {
    HIPPOCRYPT_CHECK(made.outputs == outputs && made.stride >= tokens);
    for (std::size_t first = 0; first < outputs; first += lanes) {
      reader.read(first, 0, tokens, made.rows.data() + first * made.stride, made.stride);
    }
    return reader.take();
  }
  PadMaker maker{params, hints, SecretAccess::secret(key), tokens};
  AlignedSecretWords rows{lanes * visit_tokens};
  for (std::size_t first = 0; first < outputs; first += lanes) {
    maker.make(first / lanes, reader.upcoming(first));
    for_each_visit(tokens, [&](std::size_t t, std::size_t count) {
      maker.write_rows(t, count, rows.data(), visit_tokens);
      reader.read(first, t, count, rows.data(), visit_tokens);
    });
  }
  return reader.take();
}

}  // namespace hippocrypt::crypto
