#pragma once
// How a lot is spread over the passes of a step. Every pass has the same size whatever it holds, so
// what is sent says nothing about the lot.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "federation/common/federation_config.hpp"

namespace hippocrypt::federation {

/// The room of one step.
struct StepRoom {
  std::size_t passes = 1;           ///< forwards and backwards of every step
  std::size_t pass_tokens = 0;      ///< tiles × tile tokens: what each of them sends
  std::size_t max_unit_tokens = 1;  ///< no unit is longer; at most pass_tokens

  /// Tokens of a lot that fits for sure. A unit stays in one pass, so all passes but one may have
  /// to leave max_unit_tokens − 1 unused.
  std::size_t lot_capacity() const {
    return pass_tokens + (passes - 1) * (pass_tokens - max_unit_tokens + 1);
  }
};

StepRoom step_room(const TrainingConfig& training, const EncryptionConfig& encryption);

/// The members of each pass, in order; exactly room.passes lists, the last of which may be empty.
/// The members must together fit room.lot_capacity().
std::vector<std::vector<std::size_t>> split_lot(const std::vector<std::size_t>& members,
                                                std::span<const std::uint32_t> unit_tokens,
                                                const StepRoom& room);

}  // namespace hippocrypt::federation
