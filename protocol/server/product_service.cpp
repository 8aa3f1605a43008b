#include "protocol/server/product_service.hpp"

#include <exception>

namespace hippocrypt::protocol {
namespace {

Bytes error_frame(const Error& error) { return encode(ErrorReply::from(error)); }

Bytes failure_frame() {
  return error_frame({Errc::unavailable, "the server could not compute this product; try later"});
}

}  // namespace

Result<std::unique_ptr<ProductService>> ProductService::create(const model::ModelConfig& config,
                                                               const model::BaseWeights& base,
                                                               const Hash256& model_fingerprint,
                                                               const crypto::Params& params,
                                                               const crypto::MaskNonce& mask_nonce,
                                                               int threads) {
  HIPPOCRYPT_TRY(ServerParts parts, build_server_parts({config, base, model_fingerprint, params,
                                                        mask_nonce, threads}));
  return std::unique_ptr<ProductService>{
      new ProductService{config, model_fingerprint, params, mask_nonce, threads, std::move(parts)}};
}

ProductService::ProductService(const model::ModelConfig& config, const Hash256& model_fingerprint,
                               const crypto::Params& params, const crypto::MaskNonce& mask_nonce,
                               int threads, ServerParts parts)
    : config_fingerprint_{config.fingerprint()},
      model_fingerprint_{model_fingerprint},
      params_fingerprint_{params.fingerprint()},
      mask_nonce_{mask_nonce},
      ring_dim_{params.ring_dim()},
      blocks_{config->blocks},
      threads_{threads},
      sites_{std::move(parts.sites)},
      setup_frame_{std::move(parts.setup_frame)} {}

Bytes ProductService::handle(ByteView request) const noexcept {
  try {
    const auto reply = [&]() -> Result<Bytes> {
      HIPPOCRYPT_TRY(const FrameView frame, open_frame(request));
      return product(frame);
    }();
    return reply ? std::move(*reply) : error_frame(reply.error());
  } catch (const std::exception&) {
    return failure_frame();
  }
}

SharedBytes ProductService::answer(ByteView request) const noexcept {
  const Result<FrameView> frame = open_frame(request);
  if (!frame || frame->type != MessageType::setup_request) {
    return std::make_shared<const Bytes>(handle(request));
  }
  const Status allowed = check_setup(*frame);
  if (!allowed) return std::make_shared<const Bytes>(error_frame(allowed.error()));
  return setup_frame_;
}

Status ProductService::check_setup(const FrameView& frame) const {
  HIPPOCRYPT_TRY(const SetupRequest request, decode<SetupRequest>(frame));
  if (request.params_fingerprint != params_fingerprint_) {
    return Error{Errc::mismatch,
                 "the request is for other encryption parameters than this server's; choose the "
                 "same parameter set on both sides"};
  }
  if (request.config_fingerprint != config_fingerprint_) {
    return Error{Errc::mismatch,
                 "the request is for a model of another shape than this server's; use the same "
                 "model on both sides"};
  }
  return Ok{};
}

Status ProductService::check_ids(const ProductIds& ids) const {
  if (ids.params_fingerprint != params_fingerprint_) {
    return Error{Errc::mismatch,
                 "the request was made with other encryption parameters than this server's; choose "
                 "the same parameter set on both sides"};
  }
  if (ids.model_fingerprint != model_fingerprint_ || ids.mask_nonce != mask_nonce_) {
    return Error{Errc::mismatch,
                 "the request was made for other weights or masks than this server's; fetch the "
                 "setup again"};
  }
  if (ids.block >= blocks_ || ids.group >= model::linear_group_count) {
    return Error{Errc::out_of_range, "this model has no block " + std::to_string(ids.block) +
                                         ", group " + std::to_string(ids.group) + "; it has " +
                                         std::to_string(blocks_) + " blocks of " +
                                         std::to_string(model::linear_group_count) + " groups"};
  }
  return Ok{};
}

Result<Bytes> ProductService::product(const FrameView& frame) const {
  HIPPOCRYPT_TRY(const ProductRequest request, decode<ProductRequest>(frame));
  HIPPOCRYPT_TRY_VOID(check_ids(request.ids));
  if (request.tokens > ring_dim_) {
    return Error{Errc::out_of_range, "a tile has at most " + std::to_string(ring_dim_) +
                                         " tokens with these parameters, not " +
                                         std::to_string(request.tokens)};
  }
  const PackedSite& site =
      sites_[std::size_t{request.ids.block} * model::linear_group_count + request.ids.group];
  const crypto::PackedWeights& weights =
      request.ids.direction == Direction::forward ? *site.forward : *site.backward;
  if (request.features != weights.in()) {
    return Error{Errc::mismatch, "this product takes " + std::to_string(weights.in()) +
                                     " features, not " + std::to_string(request.features)};
  }
  HIPPOCRYPT_TRY(const Bytes body, weights.multiply(frame.body, request.tokens, threads_));
  return encode(
      ProductReply{request.ids, static_cast<std::uint32_t>(weights.out()), request.tokens}, body);
}

}  // namespace hippocrypt::protocol
