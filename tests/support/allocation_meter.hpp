#pragma once
// How much memory a piece of code holds at once. A test binary that compiles allocation_meter.cpp
// has global operators new and delete which count; malloc and mmap on their own are not seen.

#include <cstddef>

namespace hippocrypt::test {

/// Watches all threads from its construction on; at most one at a time.
class AllocationMeter {
 public:
  AllocationMeter();

  /// The most bytes that were live at once, beyond those that were when it was made.
  std::size_t peak_bytes() const;

 private:
  std::size_t live_before_;
};

}  // namespace hippocrypt::test
