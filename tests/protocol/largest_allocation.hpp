#pragma once
// A test binary that links largest_allocation.cpp has a global operator new which remembers the
// largest size that anybody asked for.

#include <cstddef>

namespace hippocrypt::protocol::test {

void forget_largest_allocation();
/// Bytes, since it was last forgotten.
std::size_t largest_allocation();
/// From now on, asking for more than this many bytes at once throws std::bad_alloc.
void fail_allocations_above(std::size_t size_bytes);

}  // namespace hippocrypt::protocol::test
