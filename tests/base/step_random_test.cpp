#include <gtest/gtest.h>

#include "base/random.hpp"

namespace hippocrypt {
namespace {

class Counting final : public StepRandom {
 public:
  void fill(std::span<std::uint8_t> out) override { std::fill(out.begin(), out.end(), 7); }
  void seek(std::string_view, std::uint64_t, std::uint64_t, std::uint64_t) override {}
};

TEST(StepRandomTest, WithoutAFactoryTheOperatingSystemDraws) {
  const auto random = make_random({}, "st-anna");
  EXPECT_NE(dynamic_cast<SystemRandom*>(random.get()), nullptr);
  random->seek("step", 1, 2, 0);
  const std::uint64_t first = random->next_u64();
  random->seek("step", 1, 2, 0);
  EXPECT_NE(random->next_u64(), first) << "a place does not decide what the system draws";
}

TEST(StepRandomTest, AFactoryIsAskedByOwner) {
  std::string asked;
  const RandomFactory factory = [&asked](const std::string& owner) {
    asked = owner;
    return std::make_shared<Counting>();
  };
  EXPECT_EQ(make_random(factory, "st-anna")->next_u64(), 0x0707070707070707U);
  EXPECT_EQ(asked, "st-anna");
}

}  // namespace
}  // namespace hippocrypt
