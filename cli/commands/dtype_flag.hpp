#pragma once
// How values are stored, as a command line names it.

#include <string>

#include "base/result.hpp"
#include "model/files/safetensors.hpp"

namespace hippocrypt::cli {

/// "f32", "f16" or "bf16". Errors: invalid_config.
inline Result<model::TensorDtype> parse_dtype(const std::string& text) {
  if (text == "f32") return model::TensorDtype::f32;
  if (text == "f16") return model::TensorDtype::f16;
  if (text == "bf16") return model::TensorDtype::bf16;
  return Error{Errc::invalid_config, "--dtype is '" + text + "'; it is f32, f16 or bf16"};
}

}  // namespace hippocrypt::cli
