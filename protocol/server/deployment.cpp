#include "protocol/server/deployment.hpp"

#include <exception>
#include <utility>

#include "base/file.hpp"
#include "protocol/core/error_frame.hpp"

namespace hippocrypt::protocol {
namespace {

/// Names one (weights, parameters, blocks).
std::string cache_key(const Hash256& model_fingerprint, const Deployment::Options& options) {
  Sha256 hash;
  hash.add_field("hippocrypt hint cache v1")
      .add_field(model_fingerprint)
      .add_field(options.params.fingerprint());
  if (options.blocks != BlockRange{})
    hash.add_u64(options.blocks.first).add_u64(options.blocks.last);
  return to_hex(hash.finish()).substr(0, 32);
}

std::filesystem::path book_file(const Deployment::Options& options,
                                const Hash256& model_fingerprint) {
  if (options.cache.empty()) return {};
  return options.cache / (cache_key(model_fingerprint, options) + ".masks.json");
}

bool is_product(ByteView reply) {
  const Result<FrameView> frame = open_frame(reply);
  return frame && frame->type == MessageType::product_reply;
}

}  // namespace

Result<std::unique_ptr<Deployment>> Deployment::create(const model::ModelConfig& config,
                                                       WeightSource weights, Options options,
                                                       RandomSource& random) {
  HIPPOCRYPT_TRY(const ServedWeights served, weights());
  HIPPOCRYPT_TRY(auto book, MaskBook::open(book_file(options, served.fingerprint),
                                           options.tiles_per_nonce, random));
  std::unique_ptr<Deployment> deployment{
      new Deployment{config, std::move(weights), std::move(options), std::move(book)}};
  deployment->model_fingerprint_ = served.fingerprint;
  HIPPOCRYPT_TRY(deployment->state_, deployment->make_state(served.base));
  return deployment;
}

Deployment::Deployment(const model::ModelConfig& config, WeightSource weights, Options options,
                       std::unique_ptr<MaskBook> book)
    : config_{config},
      weights_{std::move(weights)},
      options_{std::move(options)},
      book_{std::move(book)} {}

Deployment::State Deployment::state() const {
  const std::scoped_lock lock{mutex_};
  return state_;
}

std::filesystem::path Deployment::hint_file(const crypto::MaskNonce& nonce) const {
  return options_.cache /
         (cache_key(model_fingerprint_, options_) + "-" + to_hex(nonce).substr(0, 16) + ".hints");
}

std::shared_ptr<const ProductService> Deployment::service() const { return state().service; }
bool Deployment::from_cache() const { return state().from_cache; }

void Deployment::answer_all(std::span<const ByteView> requests,
                            const Deliver& deliver) const noexcept {
  const State serving = state();
  serving.service->answer_all(requests, [&](std::size_t index, SharedBytes reply) {
    const Status allowed = is_product(*reply) ? charge(serving) : Status{};
    deliver(index, allowed ? std::move(reply) : error_frame(allowed.error()));
  });
}

/// Counts one tile. Errors: stale (the nonce is used up or replaced; a new one serves by now),
/// unavailable (out of memory) and those of rotate.
Status Deployment::charge(const State& state) const {
  try {
    HIPPOCRYPT_TRY(const bool allowed, book_->take(state.nonce, 1));
    if (allowed) return Ok{};
    HIPPOCRYPT_TRY_VOID(rotate(state.nonce));
    return Error{Errc::stale, "the masks have been replaced; fetch the setup again"};
  } catch (const std::exception&) {
    return Error{Errc::unavailable, "the server could not make new masks; try later"};
  }
}

Status Deployment::rotate(const crypto::MaskNonce& spent) const {
  const std::scoped_lock lock{rotation_};
  if (state().nonce != spent) return Ok{};  // another thread was here first
  HIPPOCRYPT_TRY_VOID(book_->rotate(spent));
  HIPPOCRYPT_TRY(const ServedWeights served, weights_());
  if (served.fingerprint != model_fingerprint_) {
    return Error{Errc::mismatch,
                 "the weights changed while the server ran, so no new hints can be made for them: "
                 "restart the server"};
  }
  HIPPOCRYPT_TRY(State fresh, make_state(served.base));
  if (!options_.cache.empty()) {
    std::error_code ignored;  // a file left behind costs space only; who maps it keeps it
    std::filesystem::remove(hint_file(spent), ignored);
  }
  const std::scoped_lock state_lock{mutex_};
  state_ = std::move(fresh);
  return Ok{};
}

Result<Deployment::State> Deployment::make_state(const model::BaseWeights& base) const {
  const crypto::MaskNonce nonce = book_->nonce();
  const SetupSources sources{config_,
                             base,
                             model_fingerprint_,
                             options_.params,
                             nonce,
                             options_.threads,
                             options_.offer_scalar,
                             options_.blocks};
  Result<ServerParts> parts = parts_from_cache(sources);
  const bool cached = parts.has_value();
  if (!cached) {
    HIPPOCRYPT_TRY(parts, build_server_parts(sources));
    HIPPOCRYPT_TRY_VOID(save_to_cache(sources, *parts));
  }
  return State{std::make_shared<const ProductService>(sources, std::move(*parts)), nonce, cached};
}

/// Any failure means that the hints are made anew, which also mends the file.
Result<ServerParts> Deployment::parts_from_cache(const SetupSources& sources) const {
  if (options_.cache.empty()) return Error{Errc::not_found, "there is no cache folder"};
  HIPPOCRYPT_TRY(SharedBytes frame, map_file(hint_file(sources.mask_nonce),
                                             max_setup_body_bytes + max_setup_envelope_bytes));
  return adopt_setup_frame(sources, std::move(frame));
}

/// Writes the frame and serves it from the file from then on, so that its pages are shared.
Status Deployment::save_to_cache(const SetupSources& sources, ServerParts& parts) const {
  if (options_.cache.empty()) return Ok{};
  const auto file = hint_file(sources.mask_nonce);
  HIPPOCRYPT_TRY_VOID(write_file_atomically(file, *parts.setup_frame));
  HIPPOCRYPT_TRY(parts.setup_frame, map_file(file, parts.setup_frame->size()));
  return Ok{};
}

}  // namespace hippocrypt::protocol
