#include "privacy/dp_sgd/lot_stage.hpp"

namespace hippocrypt::privacy {

std::string_view to_string(LotStage stage) {
  switch (stage) {
    case LotStage::planned:
      return "planned";
    case LotStage::charged:
      return "charged";
    case LotStage::drawn:
      return "drawn";
    case LotStage::summed:
      return "summed";
    case LotStage::noised:
      return "noised";
    case LotStage::journal_torn:
      return "journal_torn";
    case LotStage::journal_written:
      return "journal_written";
    case LotStage::journalled:
      return "journalled";
    case LotStage::applied:
      return "applied";
    case LotStage::checkpointed:
      return "checkpointed";
    case LotStage::journal_dropped:
      return "journal_dropped";
  }
  return "";
}

}  // namespace hippocrypt::privacy
