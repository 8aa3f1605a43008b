// metrics.jsonl: what is written is read back, and damage costs the damaged lines only.

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "federation/report/event_frame.hpp"
#include "federation/report/metrics_reader.hpp"
#include "federation/report/metrics_writer.hpp"

namespace hippocrypt::federation::metrics {
namespace {

namespace fs = std::filesystem;

class MetricsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  MetricsWriter writer() const {
    return MetricsWriter{file_, "demo", [] {
                           return std::chrono::system_clock::time_point{
                               std::chrono::milliseconds{1'700'000'000'042}};
                         }};
  }
  std::string text() const {
    std::ostringstream out;
    out << std::ifstream{file_, std::ios::binary}.rdbuf();
    return out.str();
  }
  void append(const std::string& more) const {
    std::ofstream{file_, std::ios::app | std::ios::binary} << more;
  }
  Metrics read() const {
    auto metrics = read_metrics(file_);
    EXPECT_TRUE(metrics.has_value());
    return metrics ? *metrics : Metrics{};
  }

  fs::path folder_ =
      fs::temp_directory_path() / (std::string{"hippocrypt_metrics_"} +
                                   ::testing::UnitTest::GetInstance()->current_test_info()->name());
  fs::path file_ = folder_ / "metrics.jsonl";
};

TEST_F(MetricsTest, EveryEventComesBack) {
  const double endless = std::numeric_limits<double>::infinity();
  {
    auto out = writer();
    out.write(RunStart{"encrypted",
                       20,
                       4,
                       3,
                       "patient",
                       1e-5,
                       {{"a", 8}, {"b", endless}},
                       {{"secagg.threshold", "2"}}});
    out.write(Step{"a", 3, 9, 1.5});
    out.write(Step{"a", 3, 10, unknown});
    out.write(Round{3,
                    2,
                    "closed",
                    {"a"},
                    {{"b", {"silent", "gone"}}},
                    "ok",
                    4.5,
                    10,
                    20,
                    1.25,
                    1.75,
                    0.5,
                    99});
    out.write(Hospital{"a", 3, "contributed", "", 2.5, 1.75, 1.5e-5, 8, 30, 40, 1.25, 1.125, 12});
    out.write(Hospital{"b", 3, "absent", "lost", unknown, endless, unknown, endless, 0, 0});
    out.write(Note{"a", 3, "hello"});
    out.write(RunEnd{"finished", "", {{"b", "lost"}}, "adapter", 20, 60.5});
    EXPECT_TRUE(out.status());
  }
  const Metrics metrics = read();
  ASSERT_EQ(metrics.lines.size(), 8U);
  EXPECT_EQ(metrics.damaged + metrics.foreign, 0U);
  EXPECT_EQ(metrics.lines[0].time, "2023-11-14T22:13:20.042Z");
  const auto start = std::get<RunStart>(metrics.lines[0].event);
  EXPECT_EQ(start.oracle, "encrypted");
  EXPECT_EQ(start.rounds_planned, 20U);
  EXPECT_EQ(start.steps_per_round, 4U);
  EXPECT_EQ(start.first_round, 3U);
  EXPECT_EQ(start.unit, "patient");
  EXPECT_EQ(start.delta, 1e-5);
  EXPECT_EQ(start.budgets.at("a"), 8);
  EXPECT_TRUE(std::isinf(start.budgets.at("b")));
  EXPECT_EQ(start.settings.at("secagg.threshold"), "2");
  const auto step = std::get<Step>(metrics.lines[1].event);
  EXPECT_EQ(step.hospital, "a");
  EXPECT_EQ(step.round, 3U);
  EXPECT_EQ(step.step, 9U);
  EXPECT_EQ(step.loss, 1.5);
  EXPECT_TRUE(std::isnan(std::get<Step>(metrics.lines[2].event).loss));
  const auto round = std::get<Round>(metrics.lines[3].event);
  EXPECT_EQ(round.attempt, 2U);
  EXPECT_TRUE(round.is_closed());
  EXPECT_EQ(round.contributed, std::vector<std::string>{"a"});
  EXPECT_EQ(round.absent.at("b").cause, "silent");
  EXPECT_EQ(round.absent.at("b").detail, "gone");
  EXPECT_EQ(round.seconds, 4.5);
  EXPECT_EQ(round.bytes_up, 10U);
  EXPECT_EQ(round.bytes_down, 20U);
  EXPECT_EQ(round.loss, 1.25);
  EXPECT_EQ(round.aggregation_error, 0.5);
  EXPECT_EQ(round.heldout_loss, 1.75);
  EXPECT_EQ(round.resident_bytes, 99U);
  EXPECT_EQ(round.note, "ok");
  const auto here = std::get<Hospital>(metrics.lines[4].event);
  EXPECT_EQ(here.status, "contributed");
  EXPECT_EQ(here.seconds, 2.5);
  EXPECT_EQ(here.epsilon, 1.75);
  EXPECT_EQ(here.delta, 1.5e-5);
  EXPECT_EQ(here.budget, 8);
  EXPECT_EQ(here.bytes_up, 30U);
  EXPECT_EQ(here.bytes_down, 40U);
  EXPECT_EQ(here.loss, 1.25);
  EXPECT_EQ(here.heldout_loss, 1.125);
  EXPECT_EQ(here.steps, 12U);
  const auto gone = std::get<Hospital>(metrics.lines[5].event);
  EXPECT_EQ(gone.detail, "lost");
  EXPECT_TRUE(std::isinf(gone.epsilon) && std::isnan(gone.delta) && std::isinf(gone.budget));
  EXPECT_EQ(std::get<Note>(metrics.lines[6].event).text, "hello");
  const auto end = std::get<RunEnd>(metrics.lines[7].event);
  EXPECT_EQ(end.status, "finished");
  EXPECT_EQ(end.rounds, 20U);
  EXPECT_EQ(end.seconds, 60.5);
  EXPECT_EQ(end.adapter, "adapter");
  EXPECT_EQ(end.failing.at("b"), "lost");
}

TEST_F(MetricsTest, EveryLineIsOneObjectWithTimeRunAndEvent) {
  {
    auto out = writer();
    out.write(Note{"a", 1, "two\nlines and bytes that are no text: \xff\xfe"});
    out.write(Step{"a", 1, 1, unknown});
  }
  std::istringstream lines{text()};
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto object = nlohmann::json::parse(line);
    EXPECT_EQ(object.at("run"), "demo");
    EXPECT_TRUE(object.at("time").is_string() && object.at("event").is_string());
  }
  EXPECT_EQ(count, 2U);
}

TEST_F(MetricsTest, ATornLastLineCostsItselfOnly) {
  writer().write(Note{"a", 1, "first"});
  const std::string whole = text();
  for (std::size_t length = 1; length + 1 < whole.size(); ++length) {
    fs::remove(file_);
    append(whole + whole.substr(0, length));
    const Metrics torn = read();
    ASSERT_EQ(torn.lines.size(), 1U) << length;
    EXPECT_EQ(torn.damaged, 1U) << length;
    writer().write(Note{"a", 2, "resumed"});
    const Metrics resumed = read();
    ASSERT_EQ(resumed.lines.size(), 2U) << length;
    EXPECT_EQ(std::get<Note>(resumed.lines[1].event).text, "resumed");
  }
  // Only the line's end is missing: nothing is lost.
  fs::remove(file_);
  append(whole.substr(0, whole.size() - 1));
  writer().write(Note{"a", 2, "resumed"});
  EXPECT_EQ(read().lines.size(), 2U);
}

TEST_F(MetricsTest, GarbageIsCountedAndLeftOut) {
  writer().write(Note{"a", 1, "first"});
  append("\n\n{\n[]\n3\nnull\n\"text\"\n{}\n{\"event\":3}\n");
  append(std::string(100, '[') + '\n');
  append("{\"event\":\"step\",\"time\":\"t\",\"hospital\":\"a\",\"round\":-1,\"step\":\"x\"}\n");
  append("{\"event\":\"note\",\"source\":\"a\",\"text\":\"no time\"}\n");
  append(std::string("\0\x01\xff", 3) + '\n');
  append('"' + std::string(max_line_bytes + 100, 'x') + "\"\n");
  append("{\"event\":\"of_next_year\",\"time\":\"t\"}\n");
  writer().write(Note{"a", 1, "last"});
  const Metrics metrics = read();
  ASSERT_EQ(metrics.lines.size(), 2U);
  EXPECT_EQ(metrics.foreign, 1U);
  EXPECT_EQ(metrics.damaged, 12U);
  EXPECT_EQ(std::get<Note>(metrics.lines[1].event).text, "last");
}

TEST_F(MetricsTest, TheFirstTimeIsThatOfTheFirstGoodLine) {
  EXPECT_EQ(first_time(file_), "");
  append("garbage\n");
  EXPECT_EQ(first_time(file_), "");
  writer().write(Note{"a", 1, "first"});
  EXPECT_EQ(first_time(file_), "2023-11-14T22:13:20.042Z");
}

TEST_F(MetricsTest, FlippedBytesNeverEndTheReader) {
  {
    auto out = writer();
    out.write(RunStart{"encrypted", 20, 4, 1, "patient", 1e-5, {{"a", 8}}, {{"k", "v"}}});
    out.write(Round{
        3, 2, "closed", {"a"}, {{"b", {"silent", "gone"}}}, "ok", 4.5, 10, 20, 1.25, 0.5, 99});
    out.write(RunEnd{"finished", "", {{"b", "lost"}}, "adapter", 20, 60.5});
  }
  const std::string good = text();
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x15);
    fs::remove(file_);
    append(bad);
    const Metrics metrics = read();
    EXPECT_GE(metrics.lines.size() + metrics.damaged + metrics.foreign, 2U);
  }
}

TEST(EventFrameTest, EventsComeBackAndOtherFramesAreRefused) {
  const Bytes frame = encode(Event{Hospital{"a", 3, "late", "gone", 2.5}});
  const auto event = decode_event(frame);
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(std::get<Hospital>(*event).detail, "gone");
  for (std::size_t length = 0; length < frame.size(); ++length) {
    EXPECT_EQ(decode_event(ByteView{frame}.first(length)).error().code, Errc::malformed);
  }
  EXPECT_EQ(decode_event(as_bytes("{\"event\":\"of_next_year\"}")).error().code, Errc::malformed);
  EXPECT_EQ(decode_event(as_bytes("HPFRAME")).error().code, Errc::malformed);
}

TEST_F(MetricsTest, WhatIsNotThereOrNoFileIsAnError) {
  EXPECT_EQ(read_metrics(file_).error().code, Errc::not_found);
  fs::create_directories(file_);
  EXPECT_EQ(read_metrics(file_).error().code, Errc::io);
  auto out = writer();
  out.write(Note{"a", 1, "nowhere to go"});
  EXPECT_EQ(out.status().error().code, Errc::io);
}

}  // namespace
}  // namespace hippocrypt::federation::metrics
