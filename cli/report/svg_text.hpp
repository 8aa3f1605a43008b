#pragma once
// Text and numbers inside HTML and SVG.

#include <cstdint>
#include <string>
#include <string_view>

namespace hippocrypt::cli {

/// `text` for the inside of an element or a quoted attribute: markup is escaped; what is no UTF-8
/// or no character of XML becomes U+FFFD.
std::string markup_text(std::string_view text);

/// At most 24 characters (not bytes), an ellipsis for the rest.
std::string shortened(std::string_view name);

/// A coordinate with at most one digit after the point.
std::string coordinate(double value);

}  // namespace hippocrypt::cli
