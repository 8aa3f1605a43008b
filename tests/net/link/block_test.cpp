// The bytes on the wire.

#include "net/link/block.hpp"

#include <gtest/gtest.h>

#include "net/link/hello.hpp"

namespace hippocrypt::net {
namespace {

const BlockHeader sample{.kind = BlockKind::data,
                         .is_first = true,
                         .is_last = false,
                         .type = 0x0203,
                         .length = 0x01020304,
                         .sequence = 5,
                         .id = 0x1122334455667788,
                         .message_length = 0x20000000};

/// Changing these breaks every peer that is not updated: raise link_version with them.
TEST(BlockTest, HeaderHasItsGoldenBytes) {
  EXPECT_EQ(to_hex(encode(sample)),
            "48434c4b"
            "01010100"
            "03020000"
            "04030201"
            "0500000000000000"
            "8877665544332211"
            "0000002000000000");
  EXPECT_EQ(decode_block_header(encode(sample)).value(), sample);
}

Errc code_with(std::size_t at, std::uint8_t value) {
  auto bytes = encode(sample);
  bytes[at] = value;
  const auto header = decode_block_header(bytes);
  return header ? Errc::cancelled : header.error().code;
}

TEST(BlockTest, RefusesOtherHeaders) {
  EXPECT_EQ(code_with(0, 'h'), Errc::malformed);
  EXPECT_EQ(code_with(5, 4), Errc::malformed);   // kind
  EXPECT_EQ(code_with(6, 4), Errc::malformed);   // flags
  EXPECT_EQ(code_with(7, 1), Errc::malformed);   // zero
  EXPECT_EQ(code_with(10, 1), Errc::malformed);  // zero
  const auto bytes = encode(sample);
  EXPECT_EQ(decode_block_header(ByteView{bytes}.first(39)).error().code, Errc::malformed);
  EXPECT_EQ(decode_block_header({}).error().code, Errc::malformed);
}

TEST(BlockTest, AnotherVersionIsNamedBesideOurs) {
  for (const int version : {0, 2, 255}) {
    auto bytes = encode(sample);
    bytes[4] = static_cast<std::uint8_t>(version);
    const auto header = decode_block_header(bytes);
    ASSERT_FALSE(header.has_value());
    EXPECT_EQ(header.error().code, Errc::unsupported);
    EXPECT_EQ(header.error().detail, "the peer speaks version " + std::to_string(version) +
                                         " of the link and this program version 1; run the same "
                                         "release on both sides");
  }
}

Hello sample_hello() {
  Hello hello;
  for (std::uint8_t i = 0; i < 16; ++i) hello.session[i] = i;
  hello.resumes = true;
  hello.received = {7, 9};
  hello.capacity = {1048576, 8, 65536, 537919488};
  hello.software = "hippocrypt 0.1";
  return hello;
}

TEST(HelloTest, HasItsGoldenBytes) {
  EXPECT_EQ(to_hex(encode(sample_hello())),
            "48434c4b010303000000000047000000"  // header: hello, first and last, 71 bytes
            "000000000000000000000000000000004700000000000000"
            "000102030405060708090a0b0c0d0e0f"
            "01"
            "0700000000000000"
            "0900000000000000"
            "00001000"
            "08000000"
            "0000010000000000"
            "0000102000000000"
            "686970706f637279707420302e31");
  EXPECT_EQ(decode_hello(encode(sample_hello())).value(), sample_hello());
}

TEST(HelloTest, EveryOtherLengthIsRefused) {
  const Bytes bytes = encode(sample_hello());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(decode_hello(ByteView{bytes}.first(size)).error().code, Errc::malformed) << size;
  }
  Bytes longer = bytes;
  longer.push_back('x');
  EXPECT_EQ(decode_hello(longer).error().code, Errc::malformed);
}

TEST(HelloTest, RefusesWhatIsNoHello) {
  const auto code = [](auto change) {
    Hello hello = sample_hello();
    change(hello);
    const auto decoded = decode_hello(encode(hello));
    return decoded ? Errc::cancelled : decoded.error().code;
  };
  EXPECT_EQ(code([](Hello& h) { h.capacity.block_bytes = 255; }), Errc::malformed);
  EXPECT_EQ(code([](Hello& h) { h.capacity.window_blocks = 0; }), Errc::malformed);
  EXPECT_EQ(code([](Hello& h) { h.software = std::string(64, 'x'); }), Errc::cancelled);
  Bytes bytes = encode(sample_hello());
  bytes.back() = '\n';
  EXPECT_EQ(decode_hello(bytes).error().code, Errc::malformed);
  bytes = encode(sample_hello());
  bytes[block_header_bytes + 16] = 2;  // the flag
  EXPECT_EQ(decode_hello(bytes).error().code, Errc::malformed);
  bytes = encode(sample_hello());
  bytes[5] = 1;  // a data block
  EXPECT_EQ(decode_hello(bytes).error().code, Errc::malformed);
  bytes[4] = 2;
  EXPECT_EQ(decode_hello(bytes).error().code, Errc::unsupported);
}

}  // namespace
}  // namespace hippocrypt::net
