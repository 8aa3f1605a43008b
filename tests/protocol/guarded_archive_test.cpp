#include "protocol/core/guarded_archive.hpp"

#include <gtest/gtest.h>

#include <cereal/archives/portable_binary.hpp>
#include <sstream>

#include "base/random.hpp"
#include "protocol/core/envelope.hpp"

namespace hippocrypt::protocol {
namespace {

struct Inner {
  std::uint16_t number = 0;
  std::string text;
  friend bool operator==(const Inner&, const Inner&) = default;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(number, CEREAL_NVP(text));
  }
};

/// Every kind of field that a message may have.
struct Everything {
  static constexpr MessageType message_type = MessageType::report;
  bool flag = false;
  double real = 0;
  std::array<std::uint8_t, 4> bytes{};
  std::vector<std::uint32_t> numbers;
  std::vector<Inner> inner;
  friend bool operator==(const Everything&, const Everything&) = default;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(flag, real, bytes, numbers, inner);
  }
};

Everything sample() { return {true, -0.5, {1, 2, 3, 4}, {5, 6, 7}, {{8, "eight"}, {9, ""}}}; }

Result<Everything> decode_bytes(ByteView envelope) {
  return decode<Everything>({MessageType::report, protocol_version, envelope, {}});
}

TEST(GuardedArchiveTest, WritesWhatCerealsPortableArchiveWrites) {
  std::ostringstream stream{std::ios::binary};
  cereal::PortableBinaryOutputArchive archive{
      stream, cereal::PortableBinaryOutputArchive::Options::LittleEndian()};
  archive(sample());
  EXPECT_EQ(to_hex(envelope_bytes(sample())), to_hex(as_bytes(stream.str())));
}

TEST(GuardedArchiveTest, ReadsWhatWasWritten) {
  const auto decoded = decode_bytes(envelope_bytes(sample()));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, sample());
}

TEST(GuardedArchiveTest, EveryTruncationAndEveryExtraByteIsMalformed) {
  Bytes bytes = envelope_bytes(sample());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const auto decoded = decode_bytes(cut);
    ASSERT_FALSE(decoded);
    ASSERT_EQ(decoded.error().code, Errc::malformed);
  }
  bytes.push_back(0);
  EXPECT_EQ(decode_bytes(bytes).error().code, Errc::malformed);
}

TEST(GuardedArchiveTest, RefusesTheOtherByteOrder) {
  Bytes bytes = envelope_bytes(sample());
  bytes[0] = 0;
  EXPECT_EQ(decode_bytes(bytes).error().code, Errc::malformed);
}

TEST(GuardedArchiveTest, RefusesATruthValueThatIsNone) {
  Bytes bytes = envelope_bytes(sample());
  bytes[1] = 2;
  EXPECT_EQ(decode_bytes(bytes).error().code, Errc::malformed);
}

TEST(GuardedArchiveTest, RefusesLengthsBeyondTheEnd) {
  const Bytes good = envelope_bytes(sample());
  const std::size_t length_at = 1 + 1 + 8 + 4;  // mark, flag, real, bytes
  for (const std::uint64_t length :
       {std::uint64_t{1000}, std::uint64_t{1} << 31, std::uint64_t{1} << 61, ~std::uint64_t{0}}) {
    Bytes bytes = good;
    std::memcpy(bytes.data() + length_at, &length, sizeof(length));
    EXPECT_EQ(decode_bytes(bytes).error().code, Errc::malformed);
    const std::size_t inner_at = length_at + 8 + 3 * 4;
    bytes = good;
    std::memcpy(bytes.data() + inner_at, &length, sizeof(length));
    EXPECT_EQ(decode_bytes(bytes).error().code, Errc::malformed);
  }
}

}  // namespace
}  // namespace hippocrypt::protocol
