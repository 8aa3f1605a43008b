#pragma once
// Smoothing of input channels before rounding to int8 (SmoothQuant, Xiao et al. 2023, section 4):
// W·x = (W/s)·(s·x) for any s > 0 by channel. The products that follow an RMS norm (qkv and
// gate_up) can have their s folded into the norm's gains, so the model stays the same function.

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "model/linear_oracle.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

/// The two groups of a block that read a norm's output.
inline constexpr std::array<LinearGroup, 2> smoothed_groups = {LinearGroup::qkv,
                                                               LinearGroup::gate_up};

/// Root mean square of every input channel of the smoothed groups, measured on some text.
class ChannelMagnitudes {
 public:
  explicit ChannelMagnitudes(const ModelConfig& config);

  /// Adds the columns of x (in, tokens), which went into `site`. Sites of other groups are ignored.
  void add(LinearSite site, ConstMatrixView x);
  /// One value a channel; all zero before the first add().
  std::vector<float> root_mean_square(std::size_t block, LinearGroup group) const;

 private:
  struct Sums {
    std::vector<double> squares;
    std::size_t columns = 0;
  };
  std::vector<std::array<Sums, smoothed_groups.size()>> blocks_;
};

/// An oracle that passes everything on and measures what goes in. What it wraps must outlive it.
class MeasuringOracle final : public LinearOracle {
 public:
  MeasuringOracle(LinearOracle& inner, ChannelMagnitudes& magnitudes)
      : inner_{inner}, magnitudes_{magnitudes} {}
  Result<Matrix> forward(LinearSite site, ConstMatrixView x) override;
  Result<Matrix> backward(LinearSite site, ConstMatrixView dy) override;

 private:
  LinearOracle& inner_;
  ChannelMagnitudes& magnitudes_;
};

/// s of every channel: (largest weight)^strength, divided by (magnitude)^strength where magnitudes
/// are given, about 1 in the geometric mean, and rounded to a power of two, so that scaling by it
/// is exact in floating point. Channels without a weight or magnitude keep 1. `magnitudes` is empty
/// or has a value a channel.
std::vector<float> smoothing_scales(std::span<const float> column_maxima,
                                    std::span<const float> magnitudes, double strength);

/// Divides the columns of qkv and gate_up by their s and multiplies the gains before them.
/// `magnitudes` null: from the weights alone. Errors: out_of_range (a strength outside 0 to 1);
/// not_finite (a weight or gain that leaves the range of floats; the model is then half changed).
Status smooth_model(Model& model, double strength, const ChannelMagnitudes* magnitudes);

}  // namespace hippocrypt::model
