#pragma once
// The blind server without its network: a request frame in, a reply frame out. It holds int8
// weights and hints; it has no key, and nothing that it sees depends on a patient in a way that it
// can read.

#include <memory>

#include "protocol/core/envelope.hpp"
#include "protocol/core/messages.hpp"
#include "protocol/server/setup_builder.hpp"

namespace hippocrypt::protocol {

/// Immutable once made: any number of threads may call it at once.
class ProductService {
 public:
  /// Quantises every stacked matrix per row, packs W and Wᵀ and computes both directions' hints;
  /// the float32 weights are not kept. `model_fingerprint` as protocol::model_fingerprint gives it;
  /// `threads` (at least 1) share each product. Errors: those of build_server_parts.
  static Result<std::unique_ptr<ProductService>> create(const model::ModelConfig& config,
                                                        const model::BaseWeights& base,
                                                        const Hash256& model_fingerprint,
                                                        const crypto::Params& params,
                                                        const crypto::MaskNonce& mask_nonce,
                                                        int threads);

  /// The setup reply, built once and shared.
  SharedBytes setup_frame() const { return setup_frame_; }

  /// Answers a product request. Always a frame: a product_reply, or an error_reply with malformed,
  /// unsupported, limit_exceeded (the frame itself), mismatch (fingerprints, nonce, features),
  /// out_of_range (site, direction, tokens) or unavailable (out of memory).
  Bytes handle(ByteView request) const noexcept;

  /// The same, and a setup request is answered with setup_frame() without a copy, or with mismatch
  /// when it asks for other parameters or another model.
  SharedBytes answer(ByteView request) const noexcept;

 private:
  ProductService(const model::ModelConfig& config, const Hash256& model_fingerprint,
                 const crypto::Params& params, const crypto::MaskNonce& mask_nonce, int threads,
                 ServerParts parts);
  Result<Bytes> product(const FrameView& frame) const;
  Status check_ids(const ProductIds& ids) const;
  Status check_setup(const FrameView& frame) const;

  Hash256 config_fingerprint_;
  Hash256 model_fingerprint_;
  Hash256 params_fingerprint_;
  crypto::MaskNonce mask_nonce_;
  std::size_t ring_dim_;
  std::size_t blocks_;
  int threads_;
  std::vector<PackedSite> sites_;
  SharedBytes setup_frame_;
};

}  // namespace hippocrypt::protocol
