#pragma once
// The input channels of each matrix whose rounding to int8 costs most, and what rounding took from
// them. A few channels of a trained model carry activations a hundred times as large as the others
// ("massive activations", Sun et al. 2024), so most of a product's error comes from a few columns:
// keeping their residual exact (Dettmers et al. 2022, section 3.2, keep the whole column) costs
// little and removes it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/matrix.hpp"
#include "base/result.hpp"
#include "model/linear_oracle.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

/// Of one stacked matrix W (out, in) whose int8 form is Ŵ.
struct ChannelResidual {
  std::vector<std::uint32_t> channels;  ///< k of the `in`, ascending
  Matrix values;                        ///< (out, k): these columns of W − Ŵ
};

/// residuals[block][group].
using ChannelResiduals = std::vector<std::array<ChannelResidual, linear_group_count>>;

/// At most this share of a matrix's inputs is kept, whatever number is asked for.
inline constexpr std::size_t least_inputs_a_channel = 16;

/// `channels` of each matrix (fewer where least_inputs_a_channel says so), those with the largest
/// ‖(W − Ŵ)_j‖²·Σ x_j², Ŵ being quantize_rows(W) and x the inputs of a forward pass over tokens
/// drawn at random: no text is needed, and the same model gives the same channels. Memory:
/// out·channels floats a matrix. Errors: not_finite (weights, or activations that overflow).
Result<ChannelResiduals> find_channel_residuals(const Model& model, std::size_t channels,
                                                std::size_t threads);

}  // namespace hippocrypt::model
