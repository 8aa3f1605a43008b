#pragma once
// The aggregator's durable state in a run folder: the global vector of every round. A round is
// written before anybody hears of it.

#include <filesystem>
#include <vector>

#include "base/result.hpp"

namespace hippocrypt::federation {

/// global/round_NNNN.bin: magic "HPCG", u32 version, u32 round, u64 count, count float32, SHA-256
/// of all before it.
class RunStore {
 public:
  explicit RunStore(std::filesystem::path folder) : folder_{std::move(folder)} {}

  /// Atomic and durable on return. Errors: io.
  Status save_global(std::uint32_t round, const std::vector<float>& values) const;
  /// Errors: not_found, io, malformed, unsupported (another version), tampered (hash), mismatch
  /// (another round's file).
  Result<std::vector<float>> load_global(std::uint32_t round) const;
  /// Removes the round's file, if it can be; one too many does no harm.
  void forget_global(std::uint32_t round) const;

 private:
  std::filesystem::path file_of(std::uint32_t round) const;
  std::filesystem::path folder_;
};

}  // namespace hippocrypt::federation
