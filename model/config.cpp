#include "model/config.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <tuple>
#include <utility>

namespace hippocrypt::model {
namespace {

// Wide enough for every published Llama-family model, and small enough that a product of any two
// fits 64 bits and a lying file is refused before memory is asked for.
constexpr std::size_t max_vocab = std::size_t{1} << 20;
constexpr std::size_t max_width = std::size_t{1} << 17;
constexpr std::size_t max_blocks = 1024;
constexpr std::size_t max_heads = 1024;
constexpr std::size_t max_head_dim = 1024;
constexpr std::size_t max_tokens = std::size_t{1} << 20;

Status check_range(const char* field, std::size_t value, std::size_t limit) {
  if (value >= 1 && value <= limit) return {};
  return Error{Errc::out_of_range,
               fmt::format("{} is {}; a model needs 1 to {}", field, value, limit)};
}

/// `scaling` with what its kind does not use set to the defaults, so that equal models compare
/// equal.
RopeScaling used_parts(RopeScaling scaling) {
  RopeScaling out;
  out.kind = scaling.kind;
  switch (scaling.kind) {
    case RopeScalingKind::none:
      break;
    case RopeScalingKind::linear:
      out.factor = scaling.factor;
      break;
    case RopeScalingKind::llama3:
      out = std::move(scaling);
      out.divisors.clear();
      break;
    case RopeScalingKind::factors:
      out.divisors = std::move(scaling.divisors);
      break;
  }
  return out;
}

Status check_divisors(const std::vector<float>& divisors, std::size_t pairs) {
  if (divisors.size() != pairs) {
    return Error{Errc::mismatch, fmt::format("rope_scaling has {} divisors; there are {} pairs",
                                             divisors.size(), pairs)};
  }
  for (const float divisor : divisors) {
    if (!std::isfinite(divisor)) {
      return Error{Errc::not_finite, "every divisor of rope_scaling must be a number"};
    }
    if (divisor <= 0.0F) {
      return Error{Errc::out_of_range,
                   fmt::format("rope_scaling has the divisor {}; it must be above 0", divisor)};
    }
  }
  return {};
}

Status check_rope(const ModelLiteral& literal) {
  const RopeScaling& scaling = literal.rope_scaling;
  for (const double value : {literal.rope_theta, scaling.factor, scaling.low_frequency,
                             scaling.high_frequency, scaling.original_context}) {
    if (!std::isfinite(value)) {
      return Error{Errc::not_finite, "rope_theta and every value of rope_scaling must be numbers"};
    }
  }
  if (literal.rope_theta <= 0.0) {
    return Error{Errc::out_of_range,
                 fmt::format("rope_theta is {}; it must be above 0", literal.rope_theta)};
  }
  if (scaling.kind == RopeScalingKind::factors) {
    return check_divisors(scaling.divisors, literal.head_dim / 2);
  }
  if (scaling.factor < 1.0) {
    return Error{Errc::out_of_range,
                 fmt::format("rope_scaling.factor is {}; it must be 1 or more", scaling.factor)};
  }
  if (scaling.low_frequency <= 0.0 || scaling.high_frequency <= scaling.low_frequency ||
      scaling.original_context <= 0.0) {
    return Error{Errc::out_of_range,
                 "rope_scaling needs 0 < low_frequency < high_frequency and original_context > 0"};
  }
  return {};
}

}  // namespace

const char* to_string(LinearGroup group) {
  switch (group) {
    case LinearGroup::qkv:
      return "qkv";
    case LinearGroup::attention_out:
      return "attention_out";
    case LinearGroup::gate_up:
      return "gate_up";
    case LinearGroup::down:
      return "down";
    case LinearGroup::head:
      return "head";
  }
  check_failed(__FILE__, __LINE__, "linear group");
}

Result<ModelConfig> ModelConfig::create(ModelLiteral literal) {
  const auto limits = {std::tuple{"vocab", literal.vocab, max_vocab},
                       std::tuple{"hidden", literal.hidden, max_width},
                       std::tuple{"blocks", literal.blocks, max_blocks},
                       std::tuple{"heads", literal.heads, max_heads},
                       std::tuple{"kv_heads", literal.kv_heads, max_heads},
                       std::tuple{"ffn", literal.ffn, max_width},
                       std::tuple{"max_context", literal.max_context, max_tokens}};
  for (const auto& [field, value, limit] : limits) {
    HIPPOCRYPT_TRY_VOID(check_range(field, value, limit));
  }
  if (literal.heads % literal.kv_heads != 0) {
    return Error{Errc::out_of_range, fmt::format("kv_heads is {}, which does not divide heads ({})",
                                                 literal.kv_heads, literal.heads)};
  }
  if (literal.head_dim == 0) {
    if (literal.hidden % literal.heads != 0) {
      return Error{Errc::out_of_range,
                   fmt::format("heads ({}) does not divide hidden ({}); give head_dim",
                               literal.heads, literal.hidden)};
    }
    literal.head_dim = literal.hidden / literal.heads;
  }
  HIPPOCRYPT_TRY_VOID(check_range("head_dim", literal.head_dim, max_head_dim));
  if (literal.head_dim % 2 != 0) {
    return Error{
        Errc::out_of_range,
        fmt::format("head_dim is {}; rotary positions need an even one", literal.head_dim)};
  }
  HIPPOCRYPT_TRY_VOID(check_range("heads * head_dim", literal.heads * literal.head_dim, max_width));
  literal.rope_scaling = used_parts(std::move(literal.rope_scaling));
  HIPPOCRYPT_TRY_VOID(check_rope(literal));
  if (!std::isfinite(literal.rms_epsilon)) {
    return Error{Errc::not_finite, "rms_epsilon must be a number"};
  }
  if (literal.rms_epsilon <= 0.0 || literal.rms_epsilon >= 1.0) {
    return Error{Errc::out_of_range,
                 fmt::format("rms_epsilon is {}; it must lie between 0 and 1, both excluded",
                             literal.rms_epsilon)};
  }
  return ModelConfig{std::move(literal)};
}

std::size_t ModelConfig::out_features(LinearGroup group) const {
  switch (group) {
    case LinearGroup::qkv:
      return query_width() + 2 * kv_width();
    case LinearGroup::attention_out:
    case LinearGroup::down:
      return literal_.hidden;
    case LinearGroup::gate_up:
      return 2 * literal_.ffn;
    case LinearGroup::head:
      return literal_.vocab;
  }
  check_failed(__FILE__, __LINE__, "linear group");
}

std::size_t ModelConfig::in_features(LinearGroup group) const {
  switch (group) {
    case LinearGroup::qkv:
    case LinearGroup::gate_up:
    case LinearGroup::head:
      return literal_.hidden;
    case LinearGroup::attention_out:
      return query_width();
    case LinearGroup::down:
      return literal_.ffn;
  }
  check_failed(__FILE__, __LINE__, "linear group");
}

Hash256 ModelConfig::fingerprint() const {
  Sha256 hash;
  hash.add_field("hippocrypt model config 1");
  for (const std::size_t value :
       {literal_.vocab, literal_.hidden, literal_.blocks, literal_.heads, literal_.kv_heads,
        literal_.head_dim, literal_.ffn, literal_.max_context}) {
    hash.add_u64(value);
  }
  const RopeScaling& scaling = literal_.rope_scaling;
  for (const double value :
       {literal_.rope_theta, literal_.rms_epsilon, scaling.factor, scaling.low_frequency,
        scaling.high_frequency, scaling.original_context}) {
    hash.add_u64(std::bit_cast<std::uint64_t>(value));
  }
  hash.add_u64(literal_.tied_head ? 1 : 0);
  if (scaling.kind == RopeScalingKind::none && !literal_.qkv_bias) return hash.finish();
  // A plain model's fingerprint stops above, as it did before there were other models.
  hash.add_u64(literal_.qkv_bias ? 1 : 0);
  hash.add_u64(static_cast<std::uint64_t>(scaling.kind));
  for (const float divisor : scaling.divisors) hash.add_u64(std::bit_cast<std::uint32_t>(divisor));
  return hash.finish();
}

}  // namespace hippocrypt::model
