#pragma once
// The blind server without its network: request frames in, reply frames out. It holds int8 weights
// and hints; it has no key, and nothing that it sees depends on a patient in a way that it can
// read.

#include <memory>

#include "protocol/core/envelope.hpp"
#include "protocol/core/frame_service.hpp"
#include "protocol/core/messages.hpp"
#include "protocol/server/setup_builder.hpp"
#include "protocol/server/setup_service.hpp"

namespace hippocrypt::protocol {

/// Serves one set of masks. Immutable once made: any number of threads may call it at once.
class ProductService final : public FrameService {
 public:
  /// Quantises every stacked matrix per row, packs W and Wᵀ and computes both directions' hints;
  /// the float32 weights are not kept. `model_fingerprint` as model::model_fingerprint gives it;
  /// `threads` (at least 1) share each product. Errors: those of build_server_parts.
  static Result<std::unique_ptr<ProductService>> create(const model::ModelConfig& config,
                                                        const model::BaseWeights& base,
                                                        const Hash256& model_fingerprint,
                                                        const crypto::Params& params,
                                                        const crypto::MaskNonce& mask_nonce,
                                                        int threads);
  /// The same from parts that were built from these sources.
  ProductService(const SetupSources& sources, ServerParts parts);

  /// The setup reply, built once and shared.
  SharedBytes setup_frame() const { return setup_.frame(); }
  /// What the packed weights of both directions take, in bytes.
  std::size_t weight_bytes() const;

  /// Product requests get a product_reply, setup requests setup_frame() without a copy or a
  /// setup_table, hint requests a hint_reply; anything else an error_reply with malformed,
  /// unsupported, limit_exceeded (the frame itself), mismatch (fingerprints, features, bits),
  /// unsupported (a scheme that is not offered, the head's backward product), limit_exceeded (an
  /// answer larger than a message), stale (masks that have been replaced), out_of_range (site,
  /// direction, tokens, words), not_found (a block that another server holds) or unavailable (out
  /// of memory).
  void answer_all(std::span<const ByteView> requests,
                  const Deliver& deliver) const noexcept override;

 private:
  struct Job;
  Result<Job> open_product(const FrameView& frame) const;
  void run(std::span<const Job> jobs, const Deliver& deliver) const;
  Result<std::vector<Bytes>> multiply(std::span<const Job> jobs) const;
  Result<std::vector<Bytes>> multiply_scalar(std::span<const Job> jobs) const;
  static ProductReply reply_to(const Job& job, std::uint8_t bits, Scheme scheme);
  Status check_packed(const ProductRequest& request) const;

  crypto::WireFormat wire_;
  std::size_t ring_dim_;
  int threads_;
  std::vector<PackedSite> sites_;
  SetupService setup_;
};

}  // namespace hippocrypt::protocol
