#pragma once
// A look at JSON before a parser has it.

#include <cstddef>
#include <string_view>

namespace hippocrypt {

/// Whether brackets outside strings nest deeper than `limit`. Done before parsing, so that a text
/// of brackets alone makes no parser allocate or recurse.
bool is_nested_deeper(std::string_view json, std::size_t limit);

}  // namespace hippocrypt
