#include "net/link/block.hpp"

#include <algorithm>

#include "base/byte_reader.hpp"

namespace hippocrypt::net {
namespace {

constexpr std::array<std::uint8_t, 4> magic{'H', 'C', 'L', 'K'};
constexpr std::uint8_t first_flag = 1, last_flag = 2;

Error malformed(const char* what) {
  return Error{Errc::malformed, std::string{"the peer sent a block "} + what};
}

}  // namespace

BlockHeaderBytes encode(const BlockHeader& header) {
  ByteWriter out;
  out.append(magic);
  out.write(link_version);
  out.write(static_cast<std::uint8_t>(header.kind));
  out.write(static_cast<std::uint8_t>((header.is_first ? first_flag : 0) |
                                      (header.is_last ? last_flag : 0)));
  out.write(std::uint8_t{0});
  out.write(header.type);
  out.write(std::uint16_t{0});
  out.write(header.length);
  out.write(header.sequence);
  out.write(header.id);
  out.write(header.message_length);
  const Bytes bytes = std::move(out).take();
  BlockHeaderBytes fixed{};
  HIPPOCRYPT_CHECK(bytes.size() == fixed.size());
  std::copy(bytes.begin(), bytes.end(), fixed.begin());
  return fixed;
}

Result<BlockHeader> decode_block_header(ByteView bytes) {
  if (bytes.size() != block_header_bytes) return malformed("whose header is cut short");
  ByteReader in{bytes};
  HIPPOCRYPT_TRY(const ByteView start, in.take(magic.size()));
  if (!std::equal(start.begin(), start.end(), magic.begin())) {
    return malformed("that does not start with HCLK");
  }
  HIPPOCRYPT_TRY(const auto version, in.read<std::uint8_t>());
  if (version != link_version) {
    return Error{Errc::unsupported, "the peer speaks version " + std::to_string(version) +
                                        " of the link and this program version " +
                                        std::to_string(link_version) +
                                        "; run the same release on both sides"};
  }
  BlockHeader header;
  HIPPOCRYPT_TRY(const auto kind, in.read<std::uint8_t>());
  HIPPOCRYPT_TRY(const auto flags, in.read<std::uint8_t>());
  HIPPOCRYPT_TRY(const auto zero, in.read<std::uint8_t>());
  HIPPOCRYPT_TRY(header.type, in.read<std::uint16_t>());
  HIPPOCRYPT_TRY(const auto zeros, in.read<std::uint16_t>());
  HIPPOCRYPT_TRY(header.length, in.read<std::uint32_t>());
  HIPPOCRYPT_TRY(header.sequence, in.read<std::uint64_t>());
  HIPPOCRYPT_TRY(header.id, in.read<std::uint64_t>());
  HIPPOCRYPT_TRY(header.message_length, in.read<std::uint64_t>());
  if (kind > static_cast<std::uint8_t>(BlockKind::hello)) return malformed("of an unknown kind");
  if (flags > (first_flag | last_flag) || zero != 0 || zeros != 0) {
    return malformed("with unknown flags");
  }
  header.kind = static_cast<BlockKind>(kind);
  header.is_first = (flags & first_flag) != 0;
  header.is_last = (flags & last_flag) != 0;
  return header;
}

}  // namespace hippocrypt::net
