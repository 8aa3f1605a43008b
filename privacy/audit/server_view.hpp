#pragma once
// What a blind server sees of a step beside ciphertexts: messages, bytes and time. Amplification by
// sampling assumes that the lot stays secret, so none of these may follow the lot.

#include <cstdint>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "privacy/audit/check_result.hpp"

namespace hippocrypt::privacy::audit {

/// One training step.
struct ObservedStep {
  std::size_t lot = 0;  ///< tokens or units of the lot; the server does not see this one
  std::uint64_t messages = 0, bytes_up = 0, bytes_down = 0;
  double seconds = 0;  ///< as the server can measure it
};

/// "server bytes": messages and bytes are the same in every step. "server timing": Spearman's rank
/// correlation of time and lot is 0, by `permutations` random orders of the times; at least 3
/// steps.
std::vector<CheckResult> check_server_view(std::span<const ObservedStep> steps,
                                           SeededSequence& sequence,
                                           std::size_t permutations = 100'000);

}  // namespace hippocrypt::privacy::audit
