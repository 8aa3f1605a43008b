#include "base/resident_memory.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hippocrypt {
namespace {

TEST(ResidentMemoryTest, GrowsByWhatIsTouched) {
  const std::uint64_t before = resident_bytes();
  ASSERT_GT(before, 0U);
  const std::vector<char> touched(64U << 20, 'x');
  EXPECT_GE(resident_bytes(), before + (60U << 20)) << touched.size();
}

TEST(ResidentMemoryTest, RemembersThePeak) {
  std::uint64_t most = 0;
  {
    const std::vector<char> touched(64U << 20, 'x');
    most = touched.front() == 'x' ? resident_bytes() : 0;
  }
  EXPECT_GE(peak_resident_bytes() + (1U << 20), most);
}

}  // namespace
}  // namespace hippocrypt
