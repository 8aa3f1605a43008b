#include "federation/session/for_aggregator.hpp"

namespace hippocrypt::federation {

Update for_aggregator(Update update) {
  switch (update.status) {
    case UpdateStatus::contributed:
      break;
    case UpdateStatus::sat_out:
      update.reason = "sits out: its privacy budget does not allow the round";
      break;
    case UpdateStatus::failed:
      update.reason = "failed; its own log says why";
      break;
  }
  return update;
}

}  // namespace hippocrypt::federation
