#include "federation/report/prometheus_page.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

namespace hippocrypt::federation::metrics {
namespace {

bool has_line(const std::string& page, const std::string& line) {
  return ("\n" + page).find("\n" + line + "\n") != std::string::npos;
}

PrometheusPage sample() { return PrometheusPage{"demo"}; }

void fill(PrometheusPage& page) {
  RunStart start;
  start.rounds_planned = 20;
  start.budgets = {{"a", 8}, {"b", std::numeric_limits<double>::infinity()}};
  page.add(start);
  page.add(Hospital{"a", 1, "contributed", "", 2.5, 1.75, 1e-5, 8, 30, 40, 1.25});
  page.add(Round{1, 1, "retried", {"a"}, {{"b", {"silent", "gone"}}}, "", 1.5, 10, 20});
  page.add(Round{1, 2, "closed", {"a"}, {{"b", {"silent", ""}}}, "", 2.5, 10, 20, 1.25});
}

TEST(PrometheusPageTest, ShowsTheRun) {
  auto page = sample();
  fill(page);
  const std::string text = page.text(12345678);
  for (const char* line : {"hippocrypt_up 1",
                           "hippocrypt_run_info{run=\"demo\"} 1",
                           "hippocrypt_rounds_planned 20",
                           "hippocrypt_rounds_completed_total 1",
                           "hippocrypt_rounds_void_total 1",
                           "hippocrypt_round_seconds 2.5",
                           "hippocrypt_rounds_seconds_total 4",
                           "hippocrypt_contributors 1",
                           "hippocrypt_absences_total{cause=\"silent\"} 2",
                           "hippocrypt_federation_bytes_total{direction=\"up\"} 20",
                           "hippocrypt_federation_bytes_total{direction=\"down\"} 40",
                           "hippocrypt_training_loss 1.25",
                           "hippocrypt_epsilon{hospital=\"a\"} 1.75",
                           "hippocrypt_epsilon{hospital=\"b\"} NaN",
                           "hippocrypt_epsilon_budget{hospital=\"a\"} 8",
                           "hippocrypt_epsilon_budget{hospital=\"b\"} +Inf",
                           "hippocrypt_hospital_rounds_total{hospital=\"a\"} 1",
                           "hippocrypt_hospital_round_seconds{hospital=\"a\"} 2.5",
                           "hippocrypt_hospital_sent_bytes_total{hospital=\"a\"} 30",
                           "hippocrypt_hospital_received_bytes_total{hospital=\"a\"} 40",
                           "process_resident_memory_bytes 12345678"}) {
    EXPECT_TRUE(has_line(text, line)) << line << "\n" << text;
  }
}

TEST(PrometheusPageTest, IsTheTextFormat) {
  auto page = sample();
  fill(page);
  const std::regex sample_line{
      R"(([a-z_]+)(\{[a-z]+="(\\.|[^"\\])*"\})? (NaN|[+-]Inf|[-+.e0-9]+))"};
  std::istringstream lines{page.text(1)};
  std::set<std::string> families;
  std::string last;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("# HELP ", 0) == 0) {
      last = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(families.insert(last).second) << line;
    } else if (line.rfind("# TYPE ", 0) == 0) {
      EXPECT_EQ(line.rfind("# TYPE " + last + " ", 0), 0U) << line;
      EXPECT_EQ(line.ends_with(" counter"), last.ends_with("_total")) << line;
    } else {
      std::smatch match;
      ASSERT_TRUE(std::regex_match(line, match, sample_line)) << line;
      EXPECT_EQ(match[1], last);
    }
  }
  EXPECT_GE(families.size(), 18U);
}

TEST(PrometheusPageTest, NamesAreEscaped) {
  auto page = sample();
  page.add(Hospital{"a\"} 1\nevil\\", 1, "contributed", "", 2.5, 1.75, 1e-5, 8});
  const std::string text = page.text(1);
  EXPECT_TRUE(has_line(text, "hippocrypt_epsilon{hospital=\"a\\\"} 1\\nevil\\\\\"} 1.75")) << text;
}

TEST(PrometheusPageTest, AResumedRunCountsItsEarlierRounds) {
  auto page = sample();
  RunStart start;
  start.first_round = 5;
  page.add(start);
  page.add(Round{5, 1, "closed", {}, {}, ""});
  EXPECT_TRUE(has_line(page.text(1), "hippocrypt_rounds_completed_total 5"));
}

TEST(PrometheusPageTest, OneThreadAddsWhileAnotherReads) {
  auto page = sample();
  std::thread writer{[&page] {
    for (int i = 0; i < 200; ++i) fill(page);
  }};
  std::size_t bytes = 0;
  for (int i = 0; i < 200; ++i) bytes += page.text(1).size();
  writer.join();
  EXPECT_GT(bytes, 0U);
  EXPECT_TRUE(has_line(page.text(1), "hippocrypt_rounds_completed_total 200"));
}

}  // namespace
}  // namespace hippocrypt::federation::metrics
