#include "protocol/client/encrypted_oracle.hpp"

#include <algorithm>
#include <deque>
#include <optional>

#include "crypto/lwe/core/lwe_params.hpp"
#include "protocol/client/oracle_rows.hpp"
#include "protocol/core/tile_size.hpp"

namespace hippocrypt::protocol {
namespace {

/// Pieces of hints under way at once beside a product.
constexpr std::size_t hint_pieces_in_flight = 8;

Matrix times_rows(Matrix x, std::span<const float> scale) {
  for (std::size_t r = 0; r < x.rows(); ++r) {
    for (float& value : x.row(r)) value *= scale[r];
  }
  return x;
}

TileKind kind_of(const PendingTile& tile) {
  const ProductIds& ids = tile.request.ids;
  return {{ids.block, static_cast<model::LinearGroup>(ids.group)}, ids.direction};
}

}  // namespace

EncryptedOracle::EncryptedOracle(std::shared_ptr<const ServerSetup> setup,
                                 ProductTransport& transport, RandomSource& random, Options options)
    : setup_{std::move(setup)}, transport_{transport}, random_{random}, options_{options} {
  HIPPOCRYPT_CHECK(setup_ != nullptr);
  HIPPOCRYPT_CHECK(options.tile_tokens >= 1 && options.tile_tokens <= setup_->params().ring_dim());
  HIPPOCRYPT_CHECK(options.tiles_in_flight >= 1 && options.threads >= 1);
  if (options.scheme == Scheme::scalar) {
    HIPPOCRYPT_CHECK(options.tile_tokens <= max_scalar_tokens && options.pad_bytes == 0);
    scalar_secret_.emplace(crypto::LweSecret::sample(random));
  }
  if (options.pad_bytes > 0) pads_ = std::make_unique<PadPool>(setup_, random, options.pad_bytes);
}

Status EncryptedOracle::check_site(model::LinearSite site) const {
  if (setup_->contains(site)) return {};
  if (site == model::head_site) {
    return Error{Errc::unsupported,
                 "the server does not offer the output head; start it with a blind head too"};
  }
  return Error{Errc::out_of_range, "the model has no block " + std::to_string(site.block)};
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
  return {};
}

Result<Matrix> EncryptedOracle::forward(model::LinearSite site, ConstMatrixView x) {
  HIPPOCRYPT_TRY_VOID(check_site(site));
  HIPPOCRYPT_TRY_VOID(check_input(site, setup_->at(site).forward.inputs, x));
  HIPPOCRYPT_TRY_VOID(check_finite(x, options_.threads));
  return product({site, Direction::forward}, x);
}

Result<Matrix> EncryptedOracle::backward(model::LinearSite site, ConstMatrixView dy) {
  HIPPOCRYPT_TRY_VOID(check_site(site));
  if (site == model::head_site) {
    return Error{Errc::unsupported, "the server has no backward product of the output head"};
  }
  const ServerSite& known = setup_->at(site);
  HIPPOCRYPT_TRY_VOID(check_input(site, known.backward.inputs, dy));
  HIPPOCRYPT_TRY(const Matrix scaled, scaled_rows(dy, known.row_scale, options_.threads));
  return product({site, Direction::backward}, scaled);
}

Status EncryptedOracle::forward_blocks(model::LinearSite site, ConstMatrixView x,
                                       const ColumnSink& sink) {
  HIPPOCRYPT_TRY_VOID(check_site(site));
  HIPPOCRYPT_TRY_VOID(check_input(site, setup_->at(site).forward.inputs, x));
  HIPPOCRYPT_TRY_VOID(check_finite(x, options_.threads));
  const TileKind kind{site, Direction::forward};
  const std::size_t outputs = setup_->product(kind).outputs;
  return run_tiles(kind, x, [&](PendingTile& tile, std::size_t begin) -> Status {
    const std::size_t first = std::min(begin, x.cols());
    const std::size_t real = std::min(tile.token_scale.size(), x.cols() - first);
    Matrix y = Matrix::for_overwrite(outputs, real);
    HIPPOCRYPT_TRY_VOID(finish_tile(tile, 0, y));
    if (real == 0) return Ok{};
    return sink(first, y);
  });
}

Result<Matrix> EncryptedOracle::product(const TileKind& kind, ConstMatrixView x) {
  if (streams(kind)) return streamed_product(kind, x);
  Matrix y = Matrix::for_overwrite(setup_->product(kind).outputs, x.cols());
  HIPPOCRYPT_TRY_VOID(run_tiles(
      kind, x, [&](PendingTile& tile, std::size_t begin) { return finish_tile(tile, begin, y); }));
  return y;
}

bool EncryptedOracle::streams(const TileKind& kind) const {
  return options_.scheme == Scheme::packed && !setup_->product(kind).has_hints();
}

/// Hints come in while the server multiplies and serve all the tiles, whose answers wait for them.
Result<Matrix> EncryptedOracle::streamed_product(const TileKind& kind, ConstMatrixView x) {
  for (int refreshes = 0;; ++refreshes) {
    Matrix y = Matrix::for_overwrite(setup_->product(kind).outputs, x.cols());
    HintStream hints{transport_, hint_pieces(*setup_, kind), hint_pieces_in_flight};
    std::vector<AnsweredTile> tiles;
    std::size_t done = 0;
    Status status =
        run_tiles_once(kind, x, done, [&](PendingTile& tile, std::size_t begin) -> Status {
          HIPPOCRYPT_TRY(tiles.emplace_back(), answered(tile, begin));
          return Ok{};
        });
    if (status) status = decrypt_with(hints, kind, tiles, y);
    if (status) return y;
    if (status.error().code != Errc::stale || refreshes == max_refreshes) return status.error();
    HIPPOCRYPT_TRY_VOID(refresh_setup());
    if (!streams(kind)) return product(kind, x);
  }
}

/// All tiles in their order. When the masks have been replaced, those that are left are sent anew.
Status EncryptedOracle::run_tiles(const TileKind& kind, ConstMatrixView x, const TileTaker& take) {
  std::size_t done = 0;
  for (int refreshes = 0;; ++refreshes) {
    Status status = run_tiles_once(kind, x, done, take);
    if (status || status.error().code != Errc::stale || refreshes == max_refreshes) return status;
    HIPPOCRYPT_TRY_VOID(refresh_setup());
  }
}

/// The tokens of a tile whose answer fits a message.
std::size_t EncryptedOracle::tile_width(const TileKind& kind) const {
  return protocol::tile_width(options_.scheme, setup_->product(kind).outputs, options_.tile_tokens,
                              setup_->params().wire().download_bits);
}

/// From tile `done`, which counts those that were taken.
Status EncryptedOracle::run_tiles_once(const TileKind& kind, ConstMatrixView x, std::size_t& done,
                                       const TileTaker& take) {
  const bool constant = options_.capacity_tokens != 0;
  const std::size_t width = tile_width(kind);
  const std::size_t covered = constant ? options_.capacity_tokens : x.cols();
  const std::size_t tiles = (covered + width - 1) / width;
  // A few tokens at a time come again and again, as when text is generated; other partial tiles are
  // of any size, and pads for them would hardly ever fit.
  const bool few = !constant && x.cols() <= std::min(most_few_tokens, width);
  padded_tokens_ = few ? x.cols() : width;
  if (streams(kind)) padded_tokens_ = 0;  // pads would need its hints
  if (pads_ && padded_tokens_ != 0)
    pads_->begin({kind.site, kind.direction, tiles, padded_tokens_});

  std::deque<PendingTile> pending;
  const auto finish_oldest = [&]() -> Status {
    HIPPOCRYPT_TRY_VOID(take(pending.front(), done * width));
    pending.pop_front();
    ++done;
    return Ok{};
  };
  for (std::size_t tile = done; tile < tiles; ++tile) {
    const std::size_t rest = std::min(width, x.cols() - std::min(tile * width, x.cols()));
    Matrix store;
    const ConstMatrixView columns = padded_columns(x, tile * width, constant ? width : rest, store);
    HIPPOCRYPT_TRY(PendingTile started, start_tile(kind, columns));
    if (pending.size() == options_.tiles_in_flight) HIPPOCRYPT_TRY_VOID(finish_oldest());
    // With nothing to overlap a thread would only cost.
    const bool alone = tiles == 1 || options_.tiles_in_flight == 1;
    started.exchanged = launch(!alone, [this, frame = started.frame] {
      const PhaseTimer::Span span{options_.timer, "product"};
      return exchange(transport_, frame, max_attempts);
    });
    pending.push_back(std::move(started));
  }
  while (!pending.empty()) HIPPOCRYPT_TRY_VOID(finish_oldest());
  return Ok{};
}

/// Its ciphertext in the body of `frame`.
Result<crypto::TileOpener> EncryptedOracle::encrypt_packed(const TileKind& kind, ConstMatrixView x,
                                                           FrameInPlace& frame) {
  const crypto::Params& params = setup_->params();
  const SiteProduct& product = setup_->product(kind);
  std::optional<crypto::TilePads> pads;
  if (pads_ && x.cols() == padded_tokens_) pads = pads_->take();
  if (pads) {
    return crypto::encrypt_tile_into(params, std::move(*pads), product.bounds, x, frame.body(),
                                     options_.threads);
  }
  return crypto::encrypt_tile_into(params, setup_->masks(kind.site), product.bounds, x,
                                   crypto::OneTimeSecret::sample(params, random_), random_,
                                   frame.body(), options_.threads);
}

Result<PendingTile> EncryptedOracle::start_tile(const TileKind& kind, ConstMatrixView x) {
  const PhaseTimer::Span span{options_.timer, "encrypt"};
  const crypto::Params& params = setup_->params();
  const SiteProduct& product = setup_->product(kind);
  const bool packed = options_.scheme == Scheme::packed;
  const ProductRequest request{
      setup_->ids(kind, ++requests_), static_cast<std::uint32_t>(x.rows()),
      static_cast<std::uint32_t>(x.cols()),
      packed ? static_cast<std::uint8_t>(params.wire().upload_bits) : scalar_bits, options_.scheme};
  if (!packed) {
    HIPPOCRYPT_TRY(crypto::LweTile tile,
                   crypto::lwe_encrypt(*scalar_secret_, product.bounds, x, random_));
    return PendingTile{request,
                       SharedBytes{encode(request, tile.body)},
                       std::move(tile.token_scale),
                       std::nullopt,
                       {}};
  }
  FrameInPlace frame =
      encode_in_place(request, crypto::tile_body_bytes(params, x.rows(), x.cols()));
  HIPPOCRYPT_TRY(crypto::TileOpener opener, encrypt_packed(kind, x, frame));
  return PendingTile{request,
                     SharedBytes{std::move(frame.bytes)},
                     std::move(opener.token_scale),
                     std::move(opener.key),
                     {}};
}

/// Waits for the tile's answer, which starts at column `begin`.
Result<AnsweredTile> EncryptedOracle::answered(PendingTile& tile, std::size_t begin) {
  const Exchanged exchanged = tile.exchanged.get();
  bytes_up_ += exchanged.bytes_up;
  bytes_down_ += exchanged.bytes_down;
  if (!exchanged.reply) return exchanged.reply.error();
  const bool packed = options_.scheme == Scheme::packed;
  HIPPOCRYPT_TRY(const ByteView answer,
                 open_reply(**exchanged.reply, tile.request, setup_->product(kind_of(tile)).outputs,
                            packed ? setup_->params().wire().download_bits : scalar_bits));
  return AnsweredTile{std::move(tile.token_scale), std::move(tile.key), *exchanged.reply, answer,
                      begin};
}

RowDecryption EncryptedOracle::decryption(const TileKind& kind) const {
  const bool forward = kind.direction == Direction::forward;
  return {setup_->params(), forward ? setup_->at(kind.site).row_scale : std::span<const float>{},
          options_.threads};
}

Status EncryptedOracle::decrypt_with(HintStream& hints, const TileKind& kind,
                                     std::span<const AnsweredTile> tiles, Matrix& y) {
  const PhaseTimer::Span span{options_.timer, "decrypt"};
  Status status = decrypt_streamed(decryption(kind), tiles, setup_->product(kind), hints, y.view());
  bytes_up_ += hints.bytes_up();
  bytes_down_ += hints.bytes_down();
  return status;
}

/// Writes what the tile's answer gives to y, from column `begin`.
Status EncryptedOracle::finish_tile(PendingTile& tile, std::size_t begin, Matrix& y) {
  const TileKind kind = kind_of(tile);
  HIPPOCRYPT_TRY(const AnsweredTile answer, answered(tile, begin));
  if (streams(kind)) {
    HintStream hints{transport_, hint_pieces(*setup_, kind), hint_pieces_in_flight};
    return decrypt_with(hints, kind, {&answer, 1}, y);
  }
  const PhaseTimer::Span span{options_.timer, "decrypt"};
  const SiteProduct& product = setup_->product(kind);
  const RowDecryption how = decryption(kind);
  if (options_.scheme == Scheme::packed) {
    return decrypt_rows(how, answer, 0, product.hints, y.view());
  }
  HIPPOCRYPT_TRY(Matrix all, crypto::lwe_decrypt(*scalar_secret_, answer.answer, product.outputs,
                                                 answer.token_scale));
  if (!how.row_scale.empty()) all = times_rows(std::move(all), how.row_scale);
  write_columns(all, begin, y.view());
  return Ok{};
}

/// After the server has replaced its masks. Errors: those of fetch_again, and mismatch when
/// the weights are others too.
Status EncryptedOracle::refresh_setup() {
  HIPPOCRYPT_TRY(auto fresh, setup_->fetch_again(transport_));
  if (fresh->model_fingerprint() != setup_->model_fingerprint()) {
    return Error{Errc::mismatch,
                 "the server changed its weights during the run; start the run again"};
  }
  setup_ = std::move(fresh);
  if (pads_) pads_ = std::make_unique<PadPool>(setup_, random_, options_.pad_bytes);
  return Ok{};
}

}  // namespace hippocrypt::protocol
