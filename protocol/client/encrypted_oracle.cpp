#include "protocol/client/encrypted_oracle.hpp"

#include <algorithm>
#include <cmath>

namespace hippocrypt::protocol {
namespace {

Status check_finite(ConstMatrixView x) {
  for (std::size_t r = 0; r < x.rows(); ++r) {
    for (const float value : x.row(r)) {
      if (!std::isfinite(value)) {
        return Error{Errc::not_finite,
                     "an activation or gradient is infinite or not a number in "
                     "feature " +
                         std::to_string(r)};
      }
    }
  }
  return Ok{};
}

/// Row r times scale[r].
Matrix scaled_rows(ConstMatrixView x, std::span<const float> scale) {
  Matrix out{x.rows(), x.cols()};
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const auto from = x.row(r);
    std::transform(from.begin(), from.end(), out.row(r).begin(),
                   [factor = scale[r]](float value) { return factor * value; });
  }
  return out;
}

/// The body of the reply to `request`, which must be the reply to exactly this request.
Result<ByteView> open_reply(ByteView frame, const ProductRequest& request, std::size_t outputs) {
  HIPPOCRYPT_TRY(const FrameView view, open_frame(frame));
  if (view.type == MessageType::error_reply) {
    HIPPOCRYPT_TRY(const ErrorReply refusal, decode<ErrorReply>(view));
    return refusal.to_error();
  }
  HIPPOCRYPT_TRY(const ProductReply reply, decode<ProductReply>(view));
  if (reply.ids != request.ids) {
    return Error{Errc::mismatch, "the server's reply belongs to another request than the one sent"};
  }
  if (reply.out != outputs || reply.tokens != request.tokens) {
    return Error{Errc::mismatch, "the server's reply is " + std::to_string(reply.out) + " by " +
                                     std::to_string(reply.tokens) + " where " +
                                     std::to_string(outputs) + " by " +
                                     std::to_string(request.tokens) + " was asked for"};
  }
  return view.body;
}

}  // namespace

EncryptedOracle::EncryptedOracle(std::shared_ptr<const ServerSetup> setup,
                                 ProductTransport& transport, RandomSource& random, Options options)
    : setup_{std::move(setup)}, transport_{transport}, random_{random}, options_{options} {
  HIPPOCRYPT_CHECK(setup_ != nullptr);
  HIPPOCRYPT_CHECK(options.tile_tokens >= 1 && options.tile_tokens <= setup_->params().ring_dim());
}

Status EncryptedOracle::check_input(model::LinearSite site, std::size_t rows_wanted,
                                    ConstMatrixView x) const {
  if (x.rows() != rows_wanted) {
    return Error{Errc::mismatch, std::string{model::to_string(site.group)} + " takes " +
                                     std::to_string(rows_wanted) + " features, not " +
                                     std::to_string(x.rows())};
  }
  if (options_.capacity_tokens == 0 && x.cols() == 0) {
    return Error{Errc::out_of_range, "there are no tokens to send"};
  }
  if (options_.capacity_tokens != 0 && x.cols() > options_.capacity_tokens) {
    return Error{Errc::out_of_range, std::to_string(x.cols()) +
                                         " tokens do not fit the configured capacity of " +
                                         std::to_string(options_.capacity_tokens)};
  }
  return check_finite(x);
}

Result<Matrix> EncryptedOracle::forward(model::LinearSite site, ConstMatrixView x) {
  if (!setup_->contains(site)) {
    return Error{Errc::out_of_range, "the model has no block " + std::to_string(site.block)};
  }
  const ServerSite& known = setup_->at(site);
  HIPPOCRYPT_TRY_VOID(check_input(site, known.forward.inputs, x));
  HIPPOCRYPT_TRY(const Matrix unscaled, product(site, Direction::forward, known.forward, x));
  return scaled_rows(unscaled, known.row_scale);
}

Result<Matrix> EncryptedOracle::backward(model::LinearSite site, ConstMatrixView dy) {
  if (!setup_->contains(site)) {
    return Error{Errc::out_of_range, "the model has no block " + std::to_string(site.block)};
  }
  const ServerSite& known = setup_->at(site);
  HIPPOCRYPT_TRY_VOID(check_input(site, known.backward.inputs, dy));
  const Matrix scaled = scaled_rows(dy, known.row_scale);
  HIPPOCRYPT_TRY_VOID(check_finite(scaled));  // the scaling may have overflowed
  return product(site, Direction::backward, known.backward, scaled);
}

Result<Matrix> EncryptedOracle::product(model::LinearSite site, Direction direction,
                                        const SiteProduct& product, ConstMatrixView x) {
  const bool constant = options_.capacity_tokens != 0;
  const std::size_t covered = constant ? options_.capacity_tokens : x.cols();
  const std::size_t tiles = (covered + options_.tile_tokens - 1) / options_.tile_tokens;
  Matrix y{product.outputs, x.cols()};
  for (std::size_t tile = 0; tile < tiles; ++tile) {
    const std::size_t begin = std::min(tile * options_.tile_tokens, x.cols());
    const std::size_t real = std::min(options_.tile_tokens, x.cols() - begin);
    Matrix padded{x.rows(), constant ? options_.tile_tokens : real};
    for (std::size_t r = 0; r < x.rows(); ++r) {
      const auto from = x.row(r).subspan(begin, real);
      std::copy(from.begin(), from.end(), padded.row(r).begin());
    }
    HIPPOCRYPT_TRY(const Matrix answer, send_tile(site, direction, product, padded));
    for (std::size_t r = 0; r < y.rows(); ++r) {
      const auto from = answer.row(r).first(real);
      std::copy(from.begin(), from.end(), y.row(r).subspan(begin).begin());
    }
  }
  return y;
}

Result<Matrix> EncryptedOracle::send_tile(model::LinearSite site, Direction direction,
                                          const SiteProduct& product, ConstMatrixView tile) {
  const crypto::Params& params = setup_->params();
  HIPPOCRYPT_TRY(crypto::EncryptedTile encrypted,
                 crypto::encrypt_tile(params, setup_->masks(), product.bounds, tile,
                                      crypto::OneTimeSecret::sample(params, random_), random_));
  const ProductRequest request{
      {params.fingerprint(), setup_->model_fingerprint(), setup_->mask_nonce(), ++requests_,
       site.block, static_cast<std::uint8_t>(site.group), direction},
      static_cast<std::uint32_t>(tile.rows()),
      static_cast<std::uint32_t>(tile.cols())};
  HIPPOCRYPT_TRY(const SharedBytes reply,
                 exchange(std::make_shared<const Bytes>(encode(request, encrypted.body))));
  HIPPOCRYPT_TRY(const ByteView answer, open_reply(*reply, request, product.outputs));
  return crypto::decrypt_tile(params, product.hints, answer, encrypted.token_scale,
                              std::move(encrypted.key));
}

Result<SharedBytes> EncryptedOracle::exchange(const SharedBytes& request) {
  for (int attempt = 1;; ++attempt) {
    bytes_up_ += request->size();
    Result<SharedBytes> reply = transport_.exchange(request);
    if (reply) {
      HIPPOCRYPT_CHECK(*reply != nullptr);
      bytes_down_ += (*reply)->size();
      return reply;
    }
    const Errc code = reply.error().code;
    const bool worth_repeating = code == Errc::unavailable || code == Errc::deadline;
    if (!worth_repeating || attempt == max_attempts) return reply;
  }
}

}  // namespace hippocrypt::protocol
