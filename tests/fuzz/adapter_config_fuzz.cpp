// An adapter_config.json of any bytes gives an error or a config that reads back as it was.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "model/files/adapter_config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hippocrypt;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto config = model::parse_adapter_config(text, "fuzz");
  if (!config) return 0;
  HIPPOCRYPT_CHECK(config->rank >= 1);
  // A pattern is resolved by the tensors, which are not here.
  if (config->targets_follow_tensors) return 0;
  const auto again = model::parse_adapter_config(model::render_adapter_config(*config), "again");
  HIPPOCRYPT_CHECK(again.has_value());
  HIPPOCRYPT_CHECK(again->rank == config->rank && again->only_blocks == config->only_blocks);
  HIPPOCRYPT_CHECK(again->target_modules == config->target_modules);
  return 0;
}
