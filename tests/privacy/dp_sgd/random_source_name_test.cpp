#include "privacy/dp_sgd/random_source_name.hpp"

#include <gtest/gtest.h>

#include "tests/support/seeded_random.hpp"

namespace hippocrypt::privacy {
namespace {

TEST(RandomSourceName, IsAskedOfTheObject) {
  SystemRandom system;
  test_support::SeededRandom seeded{1};
  EXPECT_STREQ(random_source_name(system), "system_random");
  EXPECT_STREQ(random_source_name(seeded), "injected_random");
}

}  // namespace
}  // namespace hippocrypt::privacy
