#include "protocol/client/encrypted_oracle.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <future>
#include <optional>
#include <system_error>

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

/// Columns [begin, begin + width), zero beyond x's last; `store` holds them if x does not.
ConstMatrixView padded_columns(ConstMatrixView x, std::size_t begin, std::size_t width,
                               Matrix& store) {
  const std::size_t first = std::min(begin, x.cols());
  const std::size_t real = std::min(width, x.cols() - first);
  if (real == width) return x.columns(first, width);
  store = Matrix{x.rows(), width};
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const auto from = x.row(r).subspan(first, real);
    std::copy(from.begin(), from.end(), store.row(r).begin());
  }
  return store;
}

/// Writes the columns of `tile` that y has to y, from column `begin`.
void write_columns(const Matrix& tile, std::size_t begin, Matrix& y) {
  const std::size_t first = std::min(begin, y.cols());
  const std::size_t real = std::min(tile.cols(), y.cols() - first);
  for (std::size_t r = 0; r < y.rows(); ++r) {
    const auto from = tile.row(r).first(real);
    std::copy(from.begin(), from.end(), y.row(r).subspan(first).begin());
  }
}

/// On a thread of its own, or, if there is none to be had, when the result is asked for.
template <class Call>
std::future<Exchanged> launch(bool on_a_thread, const Call& call) {
  try {
    if (on_a_thread) return std::async(std::launch::async, call);
  } catch (const std::system_error&) {
    // The system has no thread to spare.
  }
  return std::async(std::launch::deferred, call);
}

const SiteProduct& product_of(const ServerSetup& setup, const TileKind& kind) {
  const ServerSite& site = setup.at(kind.site);
  return kind.direction == Direction::forward ? site.forward : site.backward;
}

}  // namespace

EncryptedOracle::EncryptedOracle(std::shared_ptr<const ServerSetup> setup,
                                 ProductTransport& transport, RandomSource& random, Options options)
    : setup_{std::move(setup)}, transport_{transport}, random_{random}, options_{options} {
  HIPPOCRYPT_CHECK(setup_ != nullptr);
  HIPPOCRYPT_CHECK(options.tile_tokens >= 1 && options.tile_tokens <= setup_->params().ring_dim());
  HIPPOCRYPT_CHECK(options.tiles_in_flight >= 1);
  if (options.scheme == Scheme::scalar) {
    HIPPOCRYPT_CHECK(options.tile_tokens <= max_scalar_tokens && options.pad_bytes == 0);
    scalar_secret_.emplace(crypto::LweSecret::sample(random));
  }
  if (options.pad_bytes > 0) pads_ = std::make_unique<PadPool>(setup_, random, options.pad_bytes);
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
  HIPPOCRYPT_TRY_VOID(check_input(site, setup_->at(site).forward.inputs, x));
  HIPPOCRYPT_TRY(const Matrix unscaled, product({site, Direction::forward}, x));
  return scaled_rows(unscaled, setup_->at(site).row_scale);
}

Result<Matrix> EncryptedOracle::backward(model::LinearSite site, ConstMatrixView dy) {
  if (!setup_->contains(site)) {
    return Error{Errc::out_of_range, "the model has no block " + std::to_string(site.block)};
  }
  const ServerSite& known = setup_->at(site);
  HIPPOCRYPT_TRY_VOID(check_input(site, known.backward.inputs, dy));
  const Matrix scaled = scaled_rows(dy, known.row_scale);
  HIPPOCRYPT_TRY_VOID(check_finite(scaled));  // the scaling may have overflowed
  return product({site, Direction::backward}, scaled);
}

Result<Matrix> EncryptedOracle::product(const TileKind& kind, ConstMatrixView x) {
  for (int refreshes = 0;; ++refreshes) {
    Result<Matrix> y = product_once(kind, x);
    if (y || y.error().code != Errc::stale || refreshes == max_refreshes) return y;
    HIPPOCRYPT_TRY_VOID(refresh_setup());
  }
}

Result<Matrix> EncryptedOracle::product_once(const TileKind& kind, ConstMatrixView x) {
  const bool constant = options_.capacity_tokens != 0;
  const std::size_t width = options_.tile_tokens;
  const std::size_t covered = constant ? options_.capacity_tokens : x.cols();
  const std::size_t tiles = (covered + width - 1) / width;
  if (pads_) pads_->begin({kind.site, kind.direction, tiles, width});

  Matrix y{product_of(*setup_, kind).outputs, x.cols()};
  std::deque<PendingTile> pending;
  const auto finish_oldest = [&](std::size_t tile) -> Status {
    HIPPOCRYPT_TRY(const Matrix answer, finish_tile(pending.front()));
    pending.pop_front();
    write_columns(answer, tile * width, y);
    return Ok{};
  };
  for (std::size_t tile = 0; tile < tiles; ++tile) {
    const std::size_t rest = std::min(width, x.cols() - std::min(tile * width, x.cols()));
    Matrix store;
    const ConstMatrixView columns = padded_columns(x, tile * width, constant ? width : rest, store);
    HIPPOCRYPT_TRY(PendingTile started, start_tile(kind, columns));
    if (pending.size() == options_.tiles_in_flight) {
      HIPPOCRYPT_TRY_VOID(finish_oldest(tile - pending.size()));
    }
    // With nothing to overlap a thread would only cost.
    const bool alone = tiles == 1 || options_.tiles_in_flight == 1;
    started.exchanged = launch(!alone, [this, frame = started.frame] {
      return exchange(transport_, frame, max_attempts);
    });
    pending.push_back(std::move(started));
  }
  while (!pending.empty()) HIPPOCRYPT_TRY_VOID(finish_oldest(tiles - pending.size()));
  return y;
}

Result<SealedTile> EncryptedOracle::encrypt_packed(const SiteProduct& product, ConstMatrixView x) {
  const crypto::Params& params = setup_->params();
  std::optional<crypto::TilePads> pads;
  if (pads_ && x.cols() == options_.tile_tokens) pads = pads_->take();
  HIPPOCRYPT_TRY(
      crypto::EncryptedTile tile,
      pads ? crypto::encrypt_tile(params, std::move(*pads), product.bounds, x)
           : crypto::encrypt_tile(params, setup_->masks(), product.bounds, x,
                                  crypto::OneTimeSecret::sample(params, random_), random_));
  return SealedTile{std::move(tile.body), std::move(tile.token_scale), std::move(tile.key)};
}

Result<SealedTile> EncryptedOracle::encrypt_scalar(const SiteProduct& product, ConstMatrixView x) {
  HIPPOCRYPT_TRY(crypto::LweTile tile,
                 crypto::lwe_encrypt(*scalar_secret_, product.bounds, x, random_));
  return SealedTile{std::move(tile.body), std::move(tile.token_scale), std::nullopt};
}

Result<PendingTile> EncryptedOracle::start_tile(const TileKind& kind, ConstMatrixView x) {
  const crypto::Params& params = setup_->params();
  const SiteProduct& product = product_of(*setup_, kind);
  const bool packed = options_.scheme == Scheme::packed;
  HIPPOCRYPT_TRY(SealedTile tile, packed ? encrypt_packed(product, x) : encrypt_scalar(product, x));
  const ProductRequest request{
      {params.fingerprint(), setup_->model_fingerprint(), setup_->mask_nonce(), ++requests_,
       kind.site.block, static_cast<std::uint8_t>(kind.site.group), kind.direction},
      static_cast<std::uint32_t>(x.rows()),
      static_cast<std::uint32_t>(x.cols()),
      packed ? static_cast<std::uint8_t>(params.wire().upload_bits) : scalar_bits,
      options_.scheme};
  return PendingTile{request,
                     SharedBytes{encode(request, tile.body)},
                     std::move(tile.token_scale),
                     std::move(tile.key),
                     {}};
}

Result<Matrix> EncryptedOracle::finish_tile(PendingTile& tile) {
  const Exchanged exchanged = tile.exchanged.get();
  bytes_up_ += exchanged.bytes_up;
  bytes_down_ += exchanged.bytes_down;
  if (!exchanged.reply) return exchanged.reply.error();
  const ProductIds& ids = tile.request.ids;
  const model::LinearSite site{ids.block, static_cast<model::LinearGroup>(ids.group)};
  const SiteProduct& product = product_of(*setup_, {site, ids.direction});
  const crypto::Params& params = setup_->params();
  const bool packed = options_.scheme == Scheme::packed;
  HIPPOCRYPT_TRY(const ByteView answer,
                 open_reply(**exchanged.reply, tile.request, product.outputs,
                            packed ? params.wire().download_bits : scalar_bits));
  if (!packed) {
    return crypto::lwe_decrypt(*scalar_secret_, answer, product.outputs, tile.token_scale);
  }
  return crypto::decrypt_tile(params, product.hints, answer, tile.token_scale,
                              std::move(*tile.key));
}

/// After the server has replaced its masks. Errors: those of ServerSetup::fetch, and mismatch when
/// the weights are others too.
Status EncryptedOracle::refresh_setup() {
  HIPPOCRYPT_TRY(auto fresh, ServerSetup::fetch(transport_, setup_->params(), setup_->config()));
  if (fresh->model_fingerprint() != setup_->model_fingerprint()) {
    return Error{Errc::mismatch,
                 "the server changed its weights during the run; start the run again"};
  }
  setup_ = std::move(fresh);
  if (pads_) pads_ = std::make_unique<PadPool>(setup_, random_, options_.pad_bytes);
  return Ok{};
}

}  // namespace hippocrypt::protocol
