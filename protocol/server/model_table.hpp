#pragma once
// Several models on one server: every request finds its own.

#include <memory>
#include <vector>

#include "base/sha256.hpp"
#include "protocol/core/frame_service.hpp"
#include "protocol/core/messages.hpp"

namespace hippocrypt::protocol {

/// Passes requests on by the weights that they name. A setup request that names none of them goes
/// to the only model of its shape. Thread-safe when its services are.
class ModelTable final : public FrameService {
 public:
  struct Entry {
    Hash256 model_fingerprint{};
    Hash256 config_fingerprint{};
    std::shared_ptr<const FrameService> service;
  };
  /// Errors: not_found (no entry), mismatch (two of the same weights: a request could not say which
  /// it is for).
  static Result<std::shared_ptr<const ModelTable>> create(std::vector<Entry> entries);

  /// Requests for models that are not there get the refusal of the first entry; setup requests that
  /// could be for several get mismatch.
  void answer_all(std::span<const ByteView> requests,
                  const Deliver& deliver) const noexcept override;

 private:
  struct Batch;
  explicit ModelTable(std::vector<Entry> entries);
  std::vector<Batch> sort(std::span<const ByteView> requests) const;
  std::size_t entry_of(ByteView request) const noexcept;
  std::size_t entry_of_setup(const SetupRequest& setup) const;

  const std::vector<Entry> entries_;
  const SharedBytes several_;  ///< the refusal, made when there is memory for it
};

}  // namespace hippocrypt::protocol
