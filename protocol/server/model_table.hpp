#pragma once
// Several models on one server: every request finds its own.

#include <memory>
#include <vector>

#include "base/sha256.hpp"
#include "protocol/core/frame_service.hpp"

namespace hippocrypt::protocol {

/// Passes requests on by what they name: product and hint requests by the weights'
/// fingerprint, setup requests by the configuration's. Thread-safe when its services are.
class ModelTable final : public FrameService {
 public:
  struct Entry {
    Hash256 model_fingerprint{};
    Hash256 config_fingerprint{};
    std::shared_ptr<const FrameService> service;
  };
  /// Errors: not_found (no entry), mismatch (two of one shape or of the same weights: a request
  /// could not say which it is for).
  static Result<std::shared_ptr<const ModelTable>> create(std::vector<Entry> entries);

  /// Requests for models that are not there get the refusal of the first entry.
  void answer_all(std::span<const ByteView> requests,
                  const Deliver& deliver) const noexcept override;

 private:
  explicit ModelTable(std::vector<Entry> entries) : entries_{std::move(entries)} {}
  std::size_t entry_of(ByteView request) const noexcept;
  void answer_some(std::size_t entry, std::span<const ByteView> requests,
                   const Deliver& deliver) const noexcept;

  const std::vector<Entry> entries_;
};

}  // namespace hippocrypt::protocol
