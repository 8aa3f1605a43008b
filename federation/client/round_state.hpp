#pragma once
// Where a hospital's training stands between two rounds of a federation, with the update of the
// last one: what a hospital that was killed goes on from, and what it sends again when it is asked
// again.

#include <filesystem>
#include <optional>

#include "base/sha256.hpp"
#include "federation/client/checkpoint.hpp"
#include "federation/common/messages.hpp"

namespace hippocrypt::federation {

struct RoundState {
  std::uint32_t round = 0;                          ///< that was answered last; 0: none yet
  Hash256 start{};                                  ///< of the values that it was trained from
  UpdateStatus status = UpdateStatus::contributed;  ///< contributed or sat_out
  std::string reason;
  std::uint64_t next_step = 0;  ///< of the whole training; rounds that were missed count
  std::uint32_t rounds_sat_out = 0;
  Bytes local;  ///< LocalTrainer::local_state()
  /// `values` is the round's update, empty where there is none.
  Checkpoint training;
};

/// SHA-256 of the values that a round starts from.
Hash256 start_hash(std::span<const float> values);

/// Atomic and durable. Errors: io.
Status save_round_state(const std::filesystem::path& file, const RoundState& state);
/// Nothing if there is no such file. Errors: io, limit_exceeded, and those of decode_checkpoint.
Result<std::optional<RoundState>> load_round_state(const std::filesystem::path& file);

}  // namespace hippocrypt::federation
