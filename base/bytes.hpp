#pragma once
// Owned and viewed byte strings.

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
/// Lower-case hexadecimal.
std::string to_hex(ByteView bytes);
/// The reverse, of either case; nothing when a character is not hexadecimal or one is missing.
std::optional<Bytes> from_hex(std::string_view text);

}  // namespace hippocrypt
