#include "base/plain_name.hpp"

#include <algorithm>

namespace hippocrypt {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

}  // namespace

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= max_plain_name_bytes && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), is_name_character);
}

}  // namespace hippocrypt
