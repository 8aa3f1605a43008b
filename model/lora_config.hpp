#pragma once
// Which frozen matrices get a low-rank adapter, and of what rank (LoRA, Hu et al. 2021).

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "model/config.hpp"

namespace hippocrypt::model {

enum class LoraTarget : std::uint8_t { q = 0, k, v, o, gate, up, down };
inline constexpr std::size_t lora_target_count = 7;

/// PEFT's name: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj.
const char* to_string(LoraTarget target);
/// Errors: out_of_range, naming the seven that exist.
Result<LoraTarget> lora_target_from_string(std::string_view name);

/// Where a target sits: rows [row_begin, row_begin + out) of the stacked matrix of `group`.
struct LoraTargetShape {
  LoraTarget target;
  LinearGroup group;
  std::size_t row_begin, out, in;
};
LoraTargetShape lora_target_shape(const ModelConfig& config, LoraTarget target);

/// Unchecked values.
struct LoraLiteral {
  std::size_t rank = 8;
  double alpha = 16.0;
  std::vector<LoraTarget> targets = {LoraTarget::q, LoraTarget::v};
};

/// Checked and immutable; targets are in enum order.
class LoraConfig {
 public:
  /// Errors: out_of_range (a rank of 0 or above the inputs of a target, an alpha that is not
  /// positive, no target, a target twice); not_finite (alpha).
  static Result<LoraConfig> create(LoraLiteral literal, const ModelConfig& model);

  std::size_t rank() const { return literal_.rank; }
  double alpha() const { return literal_.alpha; }
  /// alpha / rank, the factor of B·A·x.
  double scale() const { return literal_.alpha / static_cast<double>(literal_.rank); }
  const std::vector<LoraTarget>& targets() const { return literal_.targets; }
  const LoraLiteral& literal() const { return literal_; }
  /// Over every field, for stamping on updates and adapter files.
  Hash256 fingerprint() const;

 private:
  explicit LoraConfig(LoraLiteral literal) : literal_{std::move(literal)} {}
  LoraLiteral literal_;
};

}  // namespace hippocrypt::model
