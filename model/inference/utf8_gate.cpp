#include "model/inference/utf8_gate.hpp"

#include "model/tokenizer/utf8.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Whether some bytes after `text` could make a character of it. 0xA0 is a second byte that every
/// first byte but 0xED and 0xF4 takes, 0x80 one that those two take; later bytes may be anything
/// from 0x80.
bool may_begin(std::string_view text) {
  for (const char second : {'\x80', '\xA0'}) {
    std::string longer{text};
    longer += second;
    while (longer.size() <= 4) {
      if (utf8_sequence_size(longer) > text.size()) return true;
      longer += '\x80';
    }
  }
  return false;
}

}  // namespace

std::string Utf8Gate::push(std::string_view bytes) {
  held_ += bytes;
  std::string out;
  std::size_t at = 0;
  while (at < held_.size()) {
    const std::string_view rest = std::string_view{held_}.substr(at);
    if (const std::size_t size = utf8_sequence_size(rest); size > 0) {
      out += rest.substr(0, size);
      at += size;
    } else if (rest.size() < 4 && may_begin(rest)) {
      break;
    } else {
      out += replacement;
      ++at;
    }
  }
  held_.erase(0, at);
  return out;
}

std::string Utf8Gate::finish() {
  std::string out;
  if (!held_.empty()) out = replacement;
  held_.clear();
  return out;
}

}  // namespace hippocrypt::model
