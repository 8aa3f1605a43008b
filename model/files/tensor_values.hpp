#pragma once
// Floats to the bytes of a tensor file. Used by the writers of safetensors and GGUF files.

#include <span>
#include <string>

#include "base/file.hpp"
#include "base/result.hpp"
#include "model/files/safetensors.hpp"

namespace hippocrypt::model {

/// Which tensor of which file an error is about.
struct TensorPlace {
  std::string source, name;
};

/// Errors: not_finite (names the tensor and the first bad value's index).
Status check_finite(const TensorPlace& place, std::span<const float> values,
                    std::size_t first_index = 0);

/// Appends `values` as `dtype` (not other), rounded to the nearest. Errors: not_finite,
/// out_of_range (a value too large for the type), io.
Status append_values(AtomicFile& file, const TensorPlace& place, std::span<const float> values,
                     TensorDtype dtype);

}  // namespace hippocrypt::model
