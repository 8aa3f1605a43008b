#pragma once
// Where secret words came from, as the ledger says it.

#include "base/random.hpp"

namespace hippocrypt::privacy {

/// "system_random" for the operating system's generator, "injected_random" for anything else (tests
/// and the testing binary). It is asked of the object, so it cannot be claimed.
const char* random_source_name(const RandomSource& random);

}  // namespace hippocrypt::privacy
