#include "federation/session/for_aggregator.hpp"

namespace hippocrypt::federation {

Update for_aggregator(Update update) {
  update.reason.clear();
  return update;
}

}  // namespace hippocrypt::federation
