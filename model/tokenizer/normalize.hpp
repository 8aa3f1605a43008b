#pragma once
// Unicode's composed normal form (UAX #15, by utf8proc), in which some vocabularies take text.

#include <optional>
#include <string>
#include <string_view>

namespace hippocrypt::model {

/// The text in NFC, bytes that are not UTF-8 as they are; nothing when it is in NFC already.
std::optional<std::string> to_nfc(std::string_view text);

}  // namespace hippocrypt::model
