#pragma once
// The moments between the decision to take a step and its release, in the order in which they
// come. Whoever tests what a crash leaves behind gets told of each; a product run watches none.

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

namespace hippocrypt::privacy {

enum class LotStage : std::uint8_t {
  planned,          ///< the next lot is wanted, nothing is charged
  charged,          ///< its row is durable
  drawn,            ///< the lot is known
  summed,           ///< the clipped sum is whole, without noise
  noised,           ///< the noisy update exists, in memory only
  journal_torn,     ///< half of the update's record is written
  journal_written,  ///< all of it is written, not yet flushed
  journalled,       ///< the record is durable: released
  applied,          ///< the adapter has moved
  checkpointed,     ///< a newer checkpoint is durable, the journal not yet dropped
  journal_dropped,  ///< it is
};

inline constexpr std::array all_lot_stages{
    LotStage::planned, LotStage::charged,      LotStage::drawn,           LotStage::summed,
    LotStage::noised,  LotStage::journal_torn, LotStage::journal_written, LotStage::journalled,
    LotStage::applied, LotStage::checkpointed, LotStage::journal_dropped};

std::string_view to_string(LotStage stage);

/// Called at every stage; empty in the product.
using LotStageHook = std::function<void(LotStage stage)>;

}  // namespace hippocrypt::privacy
