#pragma once
// The instruction set is chosen once a process, so other levels of the client need other processes.

#include "base/cpu.hpp"
#include "base/result.hpp"
#include "benchmarks/options.hpp"
#include "benchmarks/report.hpp"

namespace hippocrypt::bench {

/// The rows of `client --one-level --json` in a child process with HIPPOCRYPT_KERNEL=level, if
/// that is another level than ours, and --return-memory, unless options.keep_memory. Errors:
/// unavailable (the child failed or printed something else).
Result<Json> run_self_at(SimdLevel level, const Options& options);

}  // namespace hippocrypt::bench
