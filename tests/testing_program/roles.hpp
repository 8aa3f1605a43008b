#pragma once
// The parties of a real federation, with secrets that follow from the run's seed.

#include <optional>
#include <string>
#include <vector>

namespace hippocrypt::testing_program {

/// "aggregator SITE [--resume RUN]", "server SITE" or "join SITE". Returns the exit code; nothing
/// where the words are none of these.
std::optional<int> run_role(const std::vector<std::string>& words);

}  // namespace hippocrypt::testing_program
