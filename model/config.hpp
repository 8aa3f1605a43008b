#pragma once
// The shape of a Llama-family model.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "model/linear_oracle.hpp"

namespace hippocrypt::model {

/// How the rotary frequencies are stretched for long contexts.
enum class RopeScalingKind : std::uint8_t {
  none,
  linear,  ///< every frequency is divided by factor
  /// Wavelengths above original_context / low_frequency are multiplied by factor, those below
  /// original_context / high_frequency are kept, those between are interpolated (Hugging Face,
  /// modeling_rope_utils, "llama3").
  llama3,
  factors,  ///< the frequency of pair i is divided by divisors[i] (GGUF's rope_freqs.weight)
};

/// What `kind` does not use is ignored, and set to these values in a ModelConfig.
struct RopeScaling {
  RopeScalingKind kind = RopeScalingKind::none;
  double factor = 1.0;
  double low_frequency = 1.0;
  double high_frequency = 4.0;
  double original_context = 8192.0;
  std::vector<float> divisors = {};  ///< head_dim / 2
};

/// Unchecked values, as a file or a command line gives them.
struct ModelLiteral {
  std::size_t vocab = 0;
  std::size_t hidden = 0;  ///< width of the residual stream
  std::size_t blocks = 0;
  std::size_t heads = 0;
  std::size_t kv_heads = 0;     ///< divides heads (grouped-query attention)
  std::size_t head_dim = 0;     ///< even; 0 means hidden / heads
  std::size_t ffn = 0;          ///< width of gate and up
  std::size_t max_context = 0;  ///< tokens of one sequence
  double rope_theta = 10000.0;
  RopeScaling rope_scaling = {};
  double rms_epsilon = 1e-5;
  bool tied_head = true;  ///< the output head is the embedding
  bool qkv_bias = false;  ///< queries, keys and values have biases; the hospital adds them
};

/// Checked and immutable.
class ModelConfig {
 public:
  /// Errors: out_of_range with the field and what is allowed (limits are in config.cpp);
  /// not_finite for rope_theta, rope_scaling or rms_epsilon; mismatch (not one rope divisor a
  /// pair).
  static Result<ModelConfig> create(ModelLiteral literal);

  const ModelLiteral* operator->() const { return &literal_; }
  const ModelLiteral& literal() const { return literal_; }
  std::size_t query_width() const { return literal_.heads * literal_.head_dim; }
  std::size_t kv_width() const { return literal_.kv_heads * literal_.head_dim; }
  /// Rows of the stacked matrix of `group`.
  std::size_t out_features(LinearGroup group) const;
  /// Columns of the stacked matrix of `group`.
  std::size_t in_features(LinearGroup group) const;
  /// Over every field, for stamping on weights, hints and ciphertexts.
  Hash256 fingerprint() const;

 private:
  explicit ModelConfig(ModelLiteral literal) : literal_{std::move(literal)} {}
  ModelLiteral literal_;
};

}  // namespace hippocrypt::model
