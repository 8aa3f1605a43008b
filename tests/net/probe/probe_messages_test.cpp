#include "net/probe/probe_messages.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace hippocrypt::net {
namespace {

using Clock = std::chrono::system_clock;

template <class T>
void expect_error(const Result<T>& result, Errc code, const std::string& sentence) {
  ASSERT_FALSE(result.has_value()) << sentence;
  EXPECT_EQ(result.error().code, code);
  EXPECT_NE(result.error().detail.find(sentence), std::string::npos) << result.error().detail;
}

TEST(ProbeMessagesTest, AreReadAsTheyWereWritten) {
  EXPECT_EQ(decode_probe(*encode_probe({0}))->reply_bytes, 0U);
  EXPECT_EQ(decode_probe(*encode_probe({70'000}))->reply_bytes, 70'000U);
  EXPECT_EQ(encode_probe({0}, 5'000)->size(), 5'000U);
  EXPECT_EQ(decode_probe(*encode_probe({0}, 5'000))->reply_bytes, 0U);
  const Clock::time_point now{std::chrono::microseconds{1'800'000'000'123'456}};
  EXPECT_EQ(decode_reply(*encode_clock(now)).value(), now);
  EXPECT_EQ(filling(max_probe_bytes)->size(), max_probe_bytes);
  EXPECT_FALSE(decode_reply(*filling(100)).value().has_value());
}

TEST(ProbeMessagesTest, HaveTheseBytes) {
  EXPECT_EQ(to_hex(*encode_probe({0x01020304})), "010403020100000000");
  EXPECT_EQ(to_hex(*encode_clock(Clock::time_point{std::chrono::microseconds{1}})),
            "010100000000000000");
  EXPECT_EQ(to_hex(*filling(10)), "01000000000000000000");
}

TEST(ProbeMessagesTest, AllRepliesShareTheirBytes) {
  EXPECT_EQ(filling(100)->data(), filling(200)->data());
}

TEST(ProbeMessagesTest, RefuseWhatBreaksTheRules) {
  Bytes body{*encode_probe({70'000})->begin(), 0, 0};
  expect_error(decode_probe({}), Errc::malformed, "wrong length");
  expect_error(decode_probe(body), Errc::malformed, "wrong length");
  expect_error(decode_probe(Bytes(max_probe_bytes + 1, 1)), Errc::malformed, "wrong length");
  expect_error(decode_probe(*encode_probe({3})), Errc::malformed, "fewer bytes");
  expect_error(decode_probe(*encode_probe({max_probe_bytes + 1})), Errc::limit_exceeded, "ask for");
  expect_error(decode_reply({}), Errc::malformed, "wrong length");
  expect_error(decode_reply(Bytes{1, 255, 255, 255, 255, 255, 255, 255, 127}), Errc::malformed,
               "out of range");
}

TEST(ProbeMessagesTest, NameBothVersions) {
  const Bytes newer{2, 0, 0, 0, 0, 0, 0, 0, 0};
  expect_error(decode_probe(newer), Errc::unsupported, "version 2, this program with version 1");
  expect_error(decode_reply(newer), Errc::unsupported, "version 2, this program with version 1");
}

}  // namespace
}  // namespace hippocrypt::net
