#include "base/allocation.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdint>
#include <vector>

namespace hippocrypt {
namespace {

long page_faults() {
  rusage usage{};
  EXPECT_EQ(getrusage(RUSAGE_SELF, &usage), 0);
  return usage.ru_minflt;
}

TEST(AllocationTest, ABlockOfMegabytesIsNotTakenFromTheSystemTwice) {
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  keep_freed_memory();
  constexpr std::size_t size = std::size_t{12} << 20;  // 3,072 pages
  for (int i = 0; i < 2; ++i) const std::vector<std::uint8_t> warm(size, 1);
  const long before = page_faults();
  for (int i = 0; i < 10; ++i) const std::vector<std::uint8_t> again(size, 1);
  EXPECT_LT(page_faults() - before, 1000);
#else
  GTEST_SKIP() << "only with glibc's own allocator";
#endif
}

}  // namespace
}  // namespace hippocrypt
