// A tokenizer.json of any bytes gives an error or a tokenizer that encodes and decodes.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "model/tokenizer/tokenizer_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hippocrypt;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto tokenizer = model::parse_tokenizer_json(text, "fuzz");
  if (!tokenizer) return 0;
  const auto ids = tokenizer->encode("The patient\xFF has 12\n fevers <s> ");
  HIPPOCRYPT_CHECK(ids.has_value());
  HIPPOCRYPT_CHECK(tokenizer->decode(*ids).has_value());
  return 0;
}
