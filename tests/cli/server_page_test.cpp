#include "cli/server/server_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hippocrypt::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(ServerPageTest, ShowsEveryCounterInPrometheusFormat) {
  const auto counters = std::make_shared<actors::IngressCounters>();
  ServerPage page{counters, ServerPage::Clock::time_point{}};
  counters->peers = 2;
  counters->queued = 3;
  counters->working = 4;
  counters->requests = 50;
  counters->products = 40;
  counters->refusals = 5;
  counters->dropped = 1;
  counters->bytes_in = 1000;
  counters->bytes_out = 2000;
  const std::string text = page.text(ServerPage::Clock::time_point{10s}, 12345);
  EXPECT_THAT(text, HasSubstr("# HELP hippocrypt_server_peers Hospitals with a session.\n"
                              "# TYPE hippocrypt_server_peers gauge\n"
                              "hippocrypt_server_peers 2\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE hippocrypt_server_requests_total counter\n"));
  for (const char* line :
       {"queue 3", "working 4", "requests_total 50", "products_total 40", "refusals_total 5",
        "dropped_total 1", "bytes_received_total 1000", "bytes_sent_total 2000",
        "products_per_second 4.000", "resident_bytes 12345"}) {
    EXPECT_THAT(text, HasSubstr("\nhippocrypt_server_" + std::string{line} + "\n"));
  }
}

TEST(ServerPageTest, TheRateIsThatOfTheLastMinute) {
  const auto counters = std::make_shared<actors::IngressCounters>();
  ServerPage page{counters, ServerPage::Clock::time_point{}};
  const auto rate = [&](std::chrono::seconds at) {
    const std::string text = page.text(ServerPage::Clock::time_point{at}, 0);
    const std::string name = "\nhippocrypt_server_products_per_second ";
    return std::stod(text.substr(text.find(name) + name.size()));
  };
  EXPECT_EQ(rate(0s), 0);
  for (int second = 1; second <= 100; ++second) {
    counters->products = static_cast<std::uint64_t>(10 * second);
    EXPECT_NEAR(rate(std::chrono::seconds{second}), 10, 1e-3);
  }
  EXPECT_NEAR(rate(130s), 5, 0.5) << "nothing in the last half of the minute";
  EXPECT_EQ(rate(300s), 0);
}

}  // namespace
}  // namespace hippocrypt::cli
