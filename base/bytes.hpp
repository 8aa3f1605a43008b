#pragma once
// Owned and viewed byte strings.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hippocrypt {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// The bytes of `text`, without a terminator.
ByteView as_bytes(std::string_view text);
/// The lowest byte first.
std::array<std::uint8_t, 8> little_endian(std::uint64_t value);
/// Lower-case hexadecimal.
std::string to_hex(ByteView bytes);
/// The reverse, of either case; nothing when a character is not hexadecimal or one is missing.
std::optional<Bytes> from_hex(std::string_view text);

}  // namespace hippocrypt
