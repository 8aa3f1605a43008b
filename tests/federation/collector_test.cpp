#include "federation/aggregator/collector.hpp"

#include <gtest/gtest.h>

namespace hippocrypt::federation {
namespace {

/// A collector that takes neither kind of message.
class DeafCollector : public Collector {
 public:
  std::vector<Outgoing> begin(std::uint32_t, std::uint32_t,
                              const std::vector<std::string>&) override {
    return {};
  }
  Status restore(std::uint32_t, std::uint32_t, const std::vector<std::string>&,
                 std::span<const JournalEntry>) override {
    return {};
  }
  std::set<std::string> awaited() const override { return {}; }
  PhaseKind phase() const override { return PhaseKind::updates; }
  std::vector<std::string> contributors() const override { return {}; }
  bool can_go_on() const override { return false; }
  PhaseResult close_phase() override { return {}; }
  std::vector<Outgoing> remind(const std::string&) const override { return {}; }
  Result<Contributions> take() override { return Contributions{}; }
};

TEST(CollectorTest, RefusesTheKindOfMessageThatItDoesNotTake) {
  DeafCollector collector;
  EXPECT_EQ(collector.receive_update({}).error().code, Errc::unsupported);
  EXPECT_EQ(collector.receive({}).error().code, Errc::unsupported);
  EXPECT_TRUE(collector.note().empty());
}

}  // namespace
}  // namespace hippocrypt::federation
