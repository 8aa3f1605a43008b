#pragma once
// What of an update may leave the hospital.

#include "federation/common/messages.hpp"

namespace hippocrypt::federation {

/// The update as the aggregator may see it: that there is none, and whether for want of budget. Why
/// stays at the hospital, since a reason can name files, notes and patients, or say what is spent;
/// and without one, every update that is none has the same length.
Update for_aggregator(Update update);

}  // namespace hippocrypt::federation
