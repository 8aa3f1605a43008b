#include "model/files/tensor_values.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "model/files/half.hpp"

namespace hippocrypt::model {
namespace {

/// Values are converted in pieces of this many, so that memory holds little besides them.
constexpr std::size_t values_per_chunk = std::size_t{1} << 16;

template <class T>
ByteView bytes_of(std::span<const T> values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()};
}

bool is_infinite(std::uint16_t value, TensorDtype dtype) {
  return (value & 0x7FFFu) == (dtype == TensorDtype::f16 ? 0x7C00u : 0x7F80u);
}

}  // namespace

Status check_finite(const TensorPlace& place, std::span<const float> values,
                    std::size_t first_index) {
  const auto bad =
      std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
  if (bad == values.end()) return {};
  const auto index = first_index + static_cast<std::size_t>(bad - values.begin());
  return Error{Errc::not_finite, place.source + ": tensor " + place.name +
                                     " has NaN or infinity at value " + std::to_string(index)};
}

Status append_values(AtomicFile& file, const TensorPlace& place, std::span<const float> values,
                     TensorDtype dtype) {
  HIPPOCRYPT_TRY_VOID(check_finite(place, values));
  if (dtype == TensorDtype::f32) return file.append(bytes_of(values));
  std::vector<std::uint16_t> narrow;
  for (std::size_t at = 0; at < values.size(); at += values_per_chunk) {
    const auto chunk = values.subspan(at, std::min(values_per_chunk, values.size() - at));
    narrow.resize(chunk.size());
    std::transform(chunk.begin(), chunk.end(), narrow.begin(),
                   dtype == TensorDtype::f16 ? float_to_half : float_to_bfloat16);
    const auto bad = std::find_if(narrow.begin(), narrow.end(),
                                  [dtype](std::uint16_t v) { return is_infinite(v, dtype); });
    if (bad != narrow.end()) {
      const float value = chunk[static_cast<std::size_t>(bad - narrow.begin())];
      return Error{Errc::out_of_range, place.source + ": tensor " + place.name + " has " +
                                           std::to_string(value) +
                                           ", which is too large for 16 bits; write it as f32"};
    }
    HIPPOCRYPT_TRY_VOID(file.append(bytes_of(std::span<const std::uint16_t>{narrow})));
  }
  return {};
}

}  // namespace hippocrypt::model
