#include "protocol/core/envelope.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/protocol/sample_messages.hpp"

namespace hippocrypt::protocol {
namespace {

using test::counting_bytes;

template <class T>
void overwrite(Bytes& frame, std::size_t at, T value) {
  std::memcpy(frame.data() + at, &value, sizeof(value));
}

Bytes sample_frame() {
  return encode_frame(MessageType::join, counting_bytes(50), counting_bytes(130));
}

Errc failure(ByteView frame) {
  const auto opened = open_frame(frame);
  EXPECT_FALSE(opened);
  return opened ? Errc::cancelled : opened.error().code;
}

TEST(FrameTest, OpensToWhatWasEncoded) {
  for (const std::size_t envelope_size : {0U, 1U, 43U, 44U, 45U, 300U}) {
    for (const std::size_t body_size : {0U, 1U, 64U, 1000U}) {
      const Bytes envelope = counting_bytes(envelope_size), body = counting_bytes(body_size);
      const Bytes bytes = encode_frame(MessageType::update, envelope, body);
      const auto frame = open_frame(bytes);
      ASSERT_TRUE(frame);
      EXPECT_EQ(frame->type, MessageType::update);
      EXPECT_EQ(frame->version, protocol_version);
      EXPECT_EQ(Bytes(frame->envelope.begin(), frame->envelope.end()), envelope);
      EXPECT_EQ(Bytes(frame->body.begin(), frame->body.end()), body);
      EXPECT_EQ((bytes.size() - body_size) % body_alignment, 0U);
    }
  }
}

TEST(FrameTest, HeaderHasTheDocumentedBytes) {
  const Bytes frame =
      encode_frame(MessageType::setup_request, counting_bytes(3), counting_bytes(2));
  // magic, version 4, type 4, envelope length 3, body length 2, the envelope, then 41 zeros.
  const std::string wanted =
      "48504331"
      "0400"
      "0400"
      "03000000"
      "0200000000000000"
      "01080f" +
      std::string(2 * 41, '0') + "0108";
  EXPECT_EQ(to_hex(frame), wanted);
}

TEST(FrameTest, EveryTruncationIsMalformed) {
  const Bytes frame = sample_frame();
  for (std::size_t size = 0; size < frame.size(); ++size) {
    // A copy of exactly this size lets the address sanitizer see a read behind the end.
    const Bytes cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
    ASSERT_EQ(failure(cut), Errc::malformed) << size;
  }
}

TEST(FrameTest, BytesBehindTheEndAreMalformed) {
  Bytes frame = sample_frame();
  frame.push_back(0);
  EXPECT_EQ(failure(frame), Errc::malformed);
}

TEST(FrameTest, ForeignMagicIsMalformed) {
  Bytes frame = sample_frame();
  frame[3] = '2';
  EXPECT_EQ(failure(frame), Errc::malformed);
}

TEST(FrameTest, AnotherVersionIsUnsupportedAndNamesBoth) {
  for (const int version : {0, 1, 65535}) {
    Bytes frame = sample_frame();
    overwrite(frame, 4, static_cast<std::uint16_t>(version));
    const auto opened = open_frame(frame);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::unsupported);
    EXPECT_EQ(opened.error().detail, "the peer speaks protocol version " + std::to_string(version) +
                                         " and this program version 4; run the same release on "
                                         "both sides");
  }
}

TEST(FrameTest, UnknownTypesAreUnsupported) {
  for (const int type : {0, 9, 15, 29, 65535}) {
    Bytes frame = sample_frame();
    overwrite(frame, 6, static_cast<std::uint16_t>(type));
    EXPECT_EQ(failure(frame), Errc::unsupported) << type;
  }
}

TEST(FrameTest, LengthsAboveTheirLimitsAreRefusedBeforeTheyAreFollowed) {
  Bytes frame = sample_frame();
  overwrite<std::uint32_t>(frame, 8, max_control_envelope_bytes + 1);
  EXPECT_EQ(failure(frame), Errc::limit_exceeded);
  for (const std::uint64_t length : {std::uint64_t{max_body_bytes} + 1, ~std::uint64_t{0}}) {
    frame = sample_frame();
    overwrite<std::uint64_t>(frame, 12, length);
    EXPECT_EQ(failure(frame), Errc::limit_exceeded);
  }
}

TEST(FrameTest, SetupRepliesHaveTheirOwnLimits) {
  Bytes frame = encode_frame(MessageType::setup_reply, counting_bytes(50), counting_bytes(10));
  overwrite<std::uint32_t>(frame, 8, max_setup_envelope_bytes);
  EXPECT_EQ(failure(frame), Errc::malformed);  // allowed, but not there
  overwrite<std::uint32_t>(frame, 8, max_setup_envelope_bytes + 1);
  EXPECT_EQ(failure(frame), Errc::limit_exceeded);
  overwrite<std::uint32_t>(frame, 8, 50);
  overwrite<std::uint64_t>(frame, 12, max_setup_body_bytes);
  EXPECT_EQ(failure(frame), Errc::malformed);
  overwrite<std::uint64_t>(frame, 12, max_setup_body_bytes + 1);
  EXPECT_EQ(failure(frame), Errc::limit_exceeded);
}

TEST(FrameTest, PaddingMustBeZero) {
  Bytes frame = sample_frame();
  frame[frame_header_bytes + 50] = 1;
  EXPECT_EQ(failure(frame), Errc::malformed);
}

TEST(FrameDeathTest, EncodingBeyondALimitIsOurMistake) {
  EXPECT_DEATH(encode_frame(MessageType::join, Bytes(max_control_envelope_bytes + 1), {}),
               "envelope_limit");
}

TEST(MessageTypeTest, EveryTypeHasAName) {
  for (const int number :
       {1, 2, 3, 4, 5, 6, 7, 8, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28}) {
    EXPECT_TRUE(is_known(static_cast<MessageType>(number))) << number;
  }
  EXPECT_STREQ(to_string(MessageType{99}), "unknown");
}

}  // namespace
}  // namespace hippocrypt::protocol
