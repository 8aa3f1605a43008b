// A safetensors header of any bytes, with the data it asks for or other, gives an error or tensors
// that lie within the data.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "model/files/safetensors_header.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hippocrypt;
  if (size == 0) return 0;
  const std::uint64_t data_bytes = std::uint64_t{data[0]} * 8;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  const auto header = model::parse_safetensors_header(text, data_bytes, "fuzz");
  if (!header) return 0;
  for (const auto& [name, tensor] : header->tensors) {
    HIPPOCRYPT_CHECK(tensor.begin <= tensor.end && tensor.end <= data_bytes, name);
  }
  return 0;
}
