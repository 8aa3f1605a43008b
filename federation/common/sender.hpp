#pragma once
// Whom a hospital's message is from, by its own account: whoever knows better can compare.

#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace hippocrypt::federation {

/// The hospital that a Join, Update, Heartbeat, RoundMessage, Chunk or BudgetStatement names.
/// Errors: malformed (another message, or none), unsupported (another version), limit_exceeded.
Result<std::string> sender_of(ByteView frame);

}  // namespace hippocrypt::federation
