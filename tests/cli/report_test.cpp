// The HTML report: a whole, self-contained, well-formed page that hostile text cannot break.

#include <expat.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>

#include "cli/report/chart.hpp"
#include "cli/report/html_report.hpp"
#include "cli/report/svg_text.hpp"
#include "cli/support/quantities.hpp"
#include "tests/cli/report_fixture.hpp"

namespace hippocrypt::cli {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void expect_well_formed(const std::string& page) {
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser{
      XML_ParserCreate("UTF-8"), &XML_ParserFree};
  const auto status = XML_Parse(parser.get(), page.data(), static_cast<int>(page.size()), XML_TRUE);
  EXPECT_EQ(status, XML_STATUS_OK) << XML_ErrorString(XML_GetErrorCode(parser.get())) << " in line "
                                   << XML_GetCurrentLineNumber(parser.get());
}

/// Nothing that a browser would fetch or run.
void expect_self_contained(const std::string& page) {
  for (const char* part : {"http:", "https:", "url(", "@import", "<script", "<link", "<img",
                           "<iframe", "src=", "href=", "onload", "onclick", "nan", "inf\""}) {
    EXPECT_FALSE(contains(page, part)) << part;
  }
}

TEST(ReportTest, ShowsTheRunsFigures) {
  const std::string page = html_report(sample_report(3, 6));
  expect_well_formed(page);
  expect_self_contained(page);
  for (const char* part : {"Run demo",
                           "finished",
                           "6 of 6",
                           "encrypted",
                           "5 m 21 s",
                           "runs/demo/adapter",
                           "hospital-1",
                           "2026-01-31 12:00 UTC",
                           "Federated against alone",
                           "4.4500",
                           "-12.75 %",
                           "beats 3 of the 3",
                           "120000 tokens",
                           "Training loss",
                           "budget 8",
                           "more rounds that fit",
                           "1.003e-05",
                           "unit: patient",
                           "relation: add or remove one",
                           "delta 1e-05",
                           "Assumed:",
                           "Every hospital was in every round.",
                           "secagg.enabled",
                           "63.0 MB",
                           "14.5 GB up",
                           "prefers-color-scheme: dark",
                           "@media print",
                           "aria-label="}) {
    EXPECT_TRUE(contains(page, part)) << part;
  }
}

TEST(ReportTest, AHundredHospitalsStayReadable) {
  const std::string page = html_report(sample_report(100, 50));
  expect_well_formed(page);
  expect_self_contained(page);
  EXPECT_LT(page.size(), 2'000'000U);
  EXPECT_TRUE(contains(page, "100 hospitals"));
  EXPECT_TRUE(contains(page, "their mean"));
  EXPECT_TRUE(contains(page, "best hospital alone"));
  EXPECT_TRUE(contains(page, "All 100 accounts"));
  EXPECT_TRUE(contains(page, "late: 40 s after the deadline"));
  EXPECT_TRUE(contains(page, "hospital-100"));
}

TEST(ReportTest, AThousandRoundsAreOnePageToo) {
  const std::string page = html_report(sample_report(8, 1000));
  expect_well_formed(page);
  EXPECT_LT(page.size(), 4'000'000U);
}

TEST(ReportTest, AnEmptyRunSaysSo) {
  ReportData data;
  data.record.run = "empty";
  data.record.status = federation::RunStatus::running;
  const std::string page = html_report(data);
  expect_well_formed(page);
  expect_self_contained(page);
  EXPECT_TRUE(contains(page, "There is no final adapter."));
  EXPECT_TRUE(contains(page, "nothing is on record"));
  EXPECT_TRUE(contains(page, "No round is on record."));
}

TEST(ReportTest, HeldOutLossIsACurveWhereHospitalsLooked) {
  auto data = sample_report(3, 6);
  EXPECT_FALSE(contains(html_report(data), "Held out, by round"));
  for (const std::uint32_t round : {1U, 3U, 5U}) {
    data.history.hospitals["hospital-2"][round].heldout_loss = 5.25 - 0.125 * round;
  }
  const std::string page = html_report(data);
  expect_well_formed(page);
  EXPECT_TRUE(contains(page, "Held out, by round"));
  // By the rounds that were over: what round 3 began with is what two rounds made.
  EXPECT_TRUE(contains(page, "hospital-2: 0, 5.125"));
  EXPECT_TRUE(contains(page, "hospital-2: 2, 4.875"));
  EXPECT_TRUE(contains(page, "hospital-2: 4, 4.625"));
  EXPECT_TRUE(contains(page, "hospital-2: 6, 4.43")) << "at the end";
}

TEST(ReportTest, UnknownFiguresLeaveGaps) {
  auto data = sample_report(3, 6);
  data.record.hospitals[0].loss_after = federation::metrics::unknown;
  data.record.hospitals[1].failure = "io: notes.jsonl: cannot be opened";
  data.history.rounds[2].seconds = federation::metrics::unknown;
  data.history.hospitals["hospital-1"][3].loss = federation::metrics::unknown;
  data.privacy[0].budget = data.epsilon.curves[0].budget = std::numeric_limits<double>::infinity();
  data.comparison->start = federation::metrics::unknown;
  const std::string page = html_report(data);
  expect_well_formed(page);
  expect_self_contained(page);
  EXPECT_TRUE(contains(page, "Hospitals that did not end well"));
  EXPECT_TRUE(contains(page, "notes.jsonl: cannot be opened"));
  EXPECT_TRUE(contains(page, "unlimited"));
}

TEST(ReportTest, HostileTextIsShownAndNotRun) {
  const std::string hostile =
      "</title></style><script>alert(1)</script><img src='x' onerror=\"y\">&amp;]]>\x01\xff\n";
  auto data = sample_report(3, 4);
  data.record.run = data.record.adapter = data.record.oracle = data.software = hostile;
  data.unit = hostile;
  data.record.hospitals[0].name = data.record.hospitals[0].failure = hostile;
  data.history.hospitals[hostile] = data.history.hospitals["hospital-1"];
  data.history.hospitals[hostile][2].status = hostile;
  data.history.hospitals[hostile][3] = {hostile, 3, "late", hostile};
  data.history.rounds[1].note = data.history.rounds[1].outcome = hostile;
  data.history.start.settings[hostile] = hostile;
  data.history.notes.push_back({hostile, 1, hostile});
  data.history.end = {hostile, hostile, {{hostile, hostile}}, hostile, 1, 1};
  data.history.started = hostile;
  data.epsilon.curves[0].hospital = data.privacy[0].hospital = hostile;
  data.privacy[0].remarks = {hostile};
  data.comparison->alone[hostile] = 4;
  const std::string page = html_report(data);
  expect_well_formed(page);
  EXPECT_FALSE(contains(page, "<script"));
  EXPECT_FALSE(contains(page, "<img"));
  EXPECT_FALSE(contains(page, "]]>"));
  EXPECT_TRUE(contains(page, "&lt;script&gt;alert(1)"));
}

TEST(ReportTest, RoundsThatCannotBeAreNotBelieved) {
  auto data = sample_report(3, 6);
  data.history.rounds[4'000'000'000].round = 4'000'000'000;
  data.history.hospitals["hospital-1"][4'000'000'000] = {"hospital-1", 4'000'000'000, "late", ""};
  data.history.rounds[0].round = 0;
  expect_well_formed(html_report(data));
}

TEST(ReportTest, TextsOfFigures) {
  EXPECT_EQ(bytes_text(950), "950 B");
  EXPECT_EQ(bytes_text(999.7), "1.00 kB");
  EXPECT_EQ(bytes_text(21'300'000), "21.3 MB");
  EXPECT_EQ(bytes_text(147e6), "147 MB");
  EXPECT_EQ(duration_text(0.42), "0.42 s");
  EXPECT_EQ(duration_text(39.52), "39.5 s");
  EXPECT_EQ(duration_text(238), "3 m 58 s");
  EXPECT_EQ(duration_text(7512), "2 h 05 m");
  EXPECT_EQ(duration_text(NAN), "-");
  EXPECT_EQ(shortened("st-anna"), "st-anna");
  EXPECT_EQ(shortened(std::string(24, 'x')), std::string(24, 'x'));
  EXPECT_EQ(shortened(std::string(23, 'x') + "éy"), std::string(23, 'x') + "…");
  EXPECT_EQ(markup_text("a<b>&\"'\t\x7f\xc3\xa9\xed\xa0\x80"),
            "a&lt;b&gt;&amp;&quot;&#39; \xEF\xBF\xBD\xc3\xa9\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(ReportTest, AxesAreOfRoundNumbers) {
  const AxisRange range = axis_range(4.37, 5.24, 5);
  EXPECT_DOUBLE_EQ(range.low, 4.2);
  EXPECT_DOUBLE_EQ(range.high, 5.4);
  EXPECT_DOUBLE_EQ(range.step, 0.2);
  const AxisRange flat = axis_range(3, 3, 5);
  EXPECT_LT(flat.low, 3);
  EXPECT_GT(flat.high, 3);
}

class ComparisonTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& text) const { std::ofstream{folder_ / "alone.json"} << text; }
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() /
                                  (std::string{"hippocrypt_alone_"} +
                                   ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(ComparisonTest, ComesFromAloneJsonIfThereIsOne) {
  EXPECT_FALSE(load_comparison(folder_).value().has_value());
  write(R"({"pooled_tokens": 12, "start": 5, "federated": 4.5, "alone": {"a": 4.75, "b": null}})");
  const auto comparison = load_comparison(folder_).value();
  ASSERT_TRUE(comparison.has_value());
  EXPECT_EQ(comparison->pooled_tokens, 12U);
  EXPECT_EQ(comparison->start, 5);
  EXPECT_EQ(comparison->federated, 4.5);
  EXPECT_EQ(comparison->alone.at("a"), 4.75);
  EXPECT_TRUE(std::isnan(comparison->alone.at("b")));
}

TEST_F(ComparisonTest, DamageIsAnError) {
  write("{\"pooled_tokens\": 12");
  EXPECT_EQ(load_comparison(folder_).error().code, Errc::malformed);
  write("{\"pooled_tokens\": 12}");
  const auto missing = load_comparison(folder_);
  EXPECT_EQ(missing.error().code, Errc::malformed);
  EXPECT_NE(missing.error().detail.find("start"), std::string::npos);
}

}  // namespace
}  // namespace hippocrypt::cli
