#include "tests/support/allocation_meter.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> live{0};
std::atomic<std::size_t> peak{0};

/// Counts what malloc really gave, since operator delete is not always told a size.
void* counted(void* memory) {
  if (memory == nullptr) throw std::bad_alloc{};
  const std::size_t now = live += malloc_usable_size(memory);
  std::size_t seen = peak.load();
  while (now > seen && !peak.compare_exchange_weak(seen, now)) {
  }
  return memory;
}

void forget(void* memory) noexcept {
  if (memory != nullptr) live -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return counted(std::malloc(size == 0 ? 1 : size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto step = static_cast<std::size_t>(alignment);
  return counted(std::aligned_alloc(step, (size + step - 1) / step * step));
}
void operator delete(void* memory) noexcept { forget(memory); }
void operator delete(void* memory, std::size_t) noexcept { forget(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { forget(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { forget(memory); }

namespace hippocrypt::test {

AllocationMeter::AllocationMeter() : live_before_{live.load()} { peak = live.load(); }

std::size_t AllocationMeter::peak_bytes() const {
  const std::size_t most = peak.load();
  return most > live_before_ ? most - live_before_ : 0;
}

}  // namespace hippocrypt::test
