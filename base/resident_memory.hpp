#pragma once
// How much memory the process holds.

#include <cstdint>

namespace hippocrypt {

/// Resident memory of this process now, bytes (/proc/self/statm); 0 where that cannot be read.
std::uint64_t resident_bytes();
/// The most that it ever held (/proc/self/status); 0 where that cannot be read.
std::uint64_t peak_resident_bytes();

}  // namespace hippocrypt
