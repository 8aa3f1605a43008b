#include "tests/protocol/largest_allocation.hpp"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> largest{0};
std::atomic<std::size_t> allowed{SIZE_MAX};

}  // namespace

void* operator new(std::size_t size) {
  std::size_t seen = largest.load();
  while (size > seen && !largest.compare_exchange_weak(seen, size)) {
  }
  if (size > allowed.load()) throw std::bad_alloc{};
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace hippocrypt::protocol::test {

void forget_largest_allocation() { largest = 0; }

std::size_t largest_allocation() { return largest; }

void fail_allocations_above(std::size_t size_bytes) { allowed = size_bytes; }

}  // namespace hippocrypt::protocol::test
