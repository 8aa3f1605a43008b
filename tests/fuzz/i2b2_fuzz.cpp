// Any bytes as an i2b2 record: gold spans lie inside the text.

#include <cstdlib>

#include "privacy/deidentify/i2b2.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto note = hippocrypt::privacy::parse_i2b2({reinterpret_cast<const char*>(data), size});
  if (!note.has_value()) return 0;
  for (const auto& span : note->gold) {
    if (span.begin > span.end || span.end > note->text.size()) std::abort();
  }
  return 0;
}
