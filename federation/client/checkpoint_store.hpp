#pragma once
// The checkpoints of one run: a folder that keeps the newest few.

#include <filesystem>

#include "federation/client/checkpoint.hpp"

namespace hippocrypt::federation {

/// Larger files are not read: an adapter of 1 GB with AdamW's two moments.
inline constexpr std::size_t max_checkpoint_bytes = std::size_t{4} << 30;

class CheckpointStore {
 public:
  /// Keeps the last `kept` (at least 1) checkpoints.
  CheckpointStore(std::filesystem::path folder, std::size_t kept)
      : folder_{std::move(folder)}, kept_{kept} {}

  /// Atomic and durable on return; older ones than the last `kept` are removed then. Errors: io.
  Status save(const Checkpoint& checkpoint) const;
  /// The one with most steps. Errors: not_found (no checkpoint), io, limit_exceeded, and those of
  /// decode_checkpoint.
  Result<Checkpoint> load_latest() const;

 private:
  /// Oldest first.
  std::vector<std::filesystem::path> files() const;
  std::filesystem::path folder_;
  std::size_t kept_;
};

}  // namespace hippocrypt::federation
