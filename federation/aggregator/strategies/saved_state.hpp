#pragma once
// The bytes of what a strategy carries from round to round: lists of values, stamped with the
// strategy that they belong to.

#include <cstddef>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "federation/common/round_config.hpp"

namespace hippocrypt::federation {

/// Magic "HPST", u32 version, u32 strategy, u64 lists, then each list behind its u64 count.
Bytes encode_state(StrategyKind strategy, const std::vector<std::vector<float>>& lists);

/// No count is believed beyond what the bytes hold. Empty bytes are `lists` empty lists: nothing
/// was saved yet. Errors: malformed (no such state, another strategy's, another number of lists, a
/// value that is no number), unsupported (another version).
Result<std::vector<std::vector<float>>> decode_state(StrategyKind strategy, std::size_t lists,
                                                     ByteView state);

/// `state`, or `size` times `start` where nothing was kept yet. Errors: mismatch (another size).
Result<std::vector<float>> state_of_size(const std::vector<float>& state, std::size_t size,
                                         float start);

}  // namespace hippocrypt::federation
