#include "model/tokenizer/normalize.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "base/check.hpp"
#include "model/tokenizer/utf8.hpp"

namespace hippocrypt::model {
namespace {

/// The first character that NFC may change, alone or with one before it, is U+0300: CC 80.
bool may_change(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<std::uint8_t>(c) >= 0xCC; });
}

struct Free {
  void operator()(utf8proc_uint8_t* memory) const { std::free(memory); }
};

void append_nfc(std::string_view utf8, std::string& out) {
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()),
                   static_cast<utf8proc_ssize_t>(utf8.size()), &mapped,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, Free> owner{mapped};
  // The text is UTF-8 and far below utf8proc's limit of 2^31 bytes.
  HIPPOCRYPT_CHECK(size >= 0, utf8proc_errmsg(size));
  out.append(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
}

}  // namespace

std::optional<std::string> to_nfc(std::string_view text) {
  if (!may_change(text)) return {};
  std::string out;
  out.reserve(text.size());
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t valid = valid_utf8_prefix(rest);
    if (valid > 0) append_nfc(rest.substr(0, valid), out);
    rest.remove_prefix(valid);
    if (!rest.empty()) {
      out.push_back(rest.front());
      rest.remove_prefix(1);
    }
  }
  if (out == text) return {};
  return out;
}

}  // namespace hippocrypt::model
