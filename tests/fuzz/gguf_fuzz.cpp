// A GGUF file of any bytes gives an error or a model with weights of its shape.

#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "model/files/gguf/gguf_model.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hippocrypt;
  const auto file = model::GgufFile::parse(SharedBytes{Bytes(data, data + size)}, "fuzz");
  if (!file) return 0;
  const auto read = model::load_gguf_model(*file, 1);
  if (read) HIPPOCRYPT_CHECK(model::check_weights(*read).has_value());
  return 0;
}
