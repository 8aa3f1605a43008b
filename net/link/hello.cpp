#include "net/link/hello.hpp"

#include <algorithm>
#include <limits>

#include "base/byte_reader.hpp"

namespace hippocrypt::net {
namespace {

Error malformed(const char* what) {
  return Error{Errc::malformed, std::string{"the peer's hello "} + what};
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

Capacity capacity_of(const LinkLimits& limits) {
  const auto most = std::size_t{std::numeric_limits<std::uint32_t>::max()};
  return {static_cast<std::uint32_t>(std::min(limits.block_bytes, most)), limits.window_blocks,
          limits.control_bytes, limits.message_bytes};
}

std::string own_software() { return "hippocrypt " HIPPOCRYPT_VERSION; }

Bytes encode(const Hello& hello) {
  HIPPOCRYPT_CHECK(hello.software.size() <= max_software_bytes && is_printable(hello.software));
  ByteWriter payload;
  payload.append(hello.session);
  payload.write(static_cast<std::uint8_t>(hello.resumes));
  payload.write(hello.received.control);
  payload.write(hello.received.data);
  payload.write(hello.capacity.block_bytes);
  payload.write(hello.capacity.window_blocks);
  payload.write(hello.capacity.control_bytes);
  payload.write(hello.capacity.message_bytes);
  payload.append(as_bytes(hello.software));
  const Bytes body = std::move(payload).take();
  BlockHeader header{.kind = BlockKind::hello, .is_first = true, .is_last = true};
  header.length = static_cast<std::uint32_t>(body.size());
  header.message_length = body.size();
  ByteWriter block;
  block.append(encode(header));
  block.append(body);
  return std::move(block).take();
}

Result<Hello> decode_hello(ByteView block) {
  HIPPOCRYPT_TRY(const BlockHeader header,
                 decode_block_header(block.first(std::min(block.size(), block_header_bytes))));
  ByteReader in{block.subspan(block_header_bytes)};
  const BlockHeader expected{.kind = BlockKind::hello,
                             .is_first = true,
                             .is_last = true,
                             .length = header.length,
                             .message_length = header.length};
  if (header != expected || header.length != in.left()) return malformed("is something else");
  Hello hello;
  HIPPOCRYPT_TRY(const ByteView session, in.take(hello.session.size()));
  std::copy(session.begin(), session.end(), hello.session.begin());
  HIPPOCRYPT_TRY(const auto resumes, in.read<std::uint8_t>());
  HIPPOCRYPT_TRY(hello.received.control, in.read<std::uint64_t>());
  HIPPOCRYPT_TRY(hello.received.data, in.read<std::uint64_t>());
  HIPPOCRYPT_TRY(hello.capacity.block_bytes, in.read<std::uint32_t>());
  HIPPOCRYPT_TRY(hello.capacity.window_blocks, in.read<std::uint32_t>());
  HIPPOCRYPT_TRY(hello.capacity.control_bytes, in.read<std::uint64_t>());
  HIPPOCRYPT_TRY(hello.capacity.message_bytes, in.read<std::uint64_t>());
  HIPPOCRYPT_TRY(const ByteView software, in.take(in.left()));
  hello.software.assign(software.begin(), software.end());
  if (resumes > 1) return malformed("has an unknown flag");
  if (hello.software.size() > max_software_bytes || !is_printable(hello.software)) {
    return malformed("names its software in more than 64 printable characters");
  }
  if (hello.capacity.block_bytes < least_block_bytes || hello.capacity.window_blocks == 0) {
    return malformed("says that it takes no blocks worth sending");
  }
  hello.resumes = resumes == 1;
  return hello;
}

}  // namespace hippocrypt::net
