#pragma once
// What rounding weights to int8 costs, matrix by matrix, and the input channels that cost most: a
// row has one scale, so a channel with large weights makes the steps of all others coarse.

#include <cstddef>
#include <span>
#include <vector>

#include "base/matrix.hpp"
#include "base/result.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

/// |.| of one matrix W and its rounding error E.
struct QuantizationError {
  double relative_frobenius = 0.0;  ///< ‖E‖ / ‖W‖; 0 for a zero matrix
  double max_abs = 0.0;             ///< largest |E_rc|
  double worst_row = 0.0;           ///< largest ‖E_r‖ / ‖W_r‖
  std::size_t worst_row_index = 0;
  double squared_error = 0.0, squared_norm = 0.0;  ///< ‖E‖², ‖W‖², to sum over matrices
};

/// Of quantize_rows(). Errors: not_finite.
Result<QuantizationError> quantization_error(ConstMatrixView weights);

/// max_r |W_rc| of every column c.
std::vector<float> column_maxima(ConstMatrixView weights);

/// A channel is an outlier when its largest weight is this many times the median channel's.
inline constexpr double outlier_ratio = 8.0;

struct OutlierChannels {
  std::size_t count = 0;     ///< channels above outlier_ratio
  double largest_ratio = 0;  ///< largest maximum / median maximum; 0 for a zero matrix
  std::size_t largest_index = 0;
};
OutlierChannels outlier_channels(std::span<const float> maxima);

}  // namespace hippocrypt::model
