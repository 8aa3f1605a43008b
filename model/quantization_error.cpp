#include "model/quantization_error.hpp"

#include <algorithm>
#include <cmath>

namespace hippocrypt::model {

Result<QuantizationError> quantization_error(ConstMatrixView weights) {
  HIPPOCRYPT_TRY(const QuantizedMatrix quantized, quantize_rows(weights));
  QuantizationError out;
  for (std::size_t r = 0; r < weights.rows(); ++r) {
    const auto scale = static_cast<double>(quantized.row_scale[r]);
    double error = 0.0, norm = 0.0;
    for (std::size_t c = 0; c < weights.cols(); ++c) {
      const auto value = static_cast<double>(weights(r, c));
      const double difference = scale * quantized.values[r * weights.cols() + c] - value;
      error += difference * difference;
      norm += value * value;
      out.max_abs = std::max(out.max_abs, std::abs(difference));
    }
    out.squared_error += error;
    out.squared_norm += norm;
    const double relative = norm > 0.0 ? std::sqrt(error / norm) : 0.0;
    if (relative > out.worst_row) {
      out.worst_row = relative;
      out.worst_row_index = r;
    }
  }
  if (out.squared_norm > 0.0) {
    out.relative_frobenius = std::sqrt(out.squared_error / out.squared_norm);
  }
  return out;
}

std::vector<float> column_maxima(ConstMatrixView weights) {
  std::vector<float> out(weights.cols());
  for (std::size_t r = 0; r < weights.rows(); ++r) {
    const auto row = weights.row(r);
    for (std::size_t c = 0; c < row.size(); ++c) out[c] = std::max(out[c], std::abs(row[c]));
  }
  return out;
}

OutlierChannels outlier_channels(std::span<const float> maxima) {
  OutlierChannels out;
  if (maxima.empty()) return out;
  std::vector<float> ordered{maxima.begin(), maxima.end()};
  const auto middle = ordered.begin() + static_cast<std::ptrdiff_t>(ordered.size() / 2);
  std::nth_element(ordered.begin(), middle, ordered.end());
  const auto median = static_cast<double>(*middle);
  const auto largest = std::max_element(maxima.begin(), maxima.end());
  out.largest_index = static_cast<std::size_t>(largest - maxima.begin());
  if (median == 0.0) return out;
  out.largest_ratio = static_cast<double>(*largest) / median;
  out.count =
      static_cast<std::size_t>(std::count_if(maxima.begin(), maxima.end(), [median](float value) {
        return static_cast<double>(value) > outlier_ratio * median;
      }));
  return out;
}

}  // namespace hippocrypt::model
