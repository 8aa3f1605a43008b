#pragma once
// The heap of a process with many threads that take turns.

#include <cstddef>

namespace hippocrypt::actors {

/// At most so many heaps from now on. glibc gives every thread one, up to eight a core, and keeps
/// what was once needed in each: a hundred hospitals that train two at a time held 1 GB so, against
/// 0.3 GB. For the whole process.
void limit_heaps(std::size_t count);

}  // namespace hippocrypt::actors
