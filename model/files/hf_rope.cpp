#include "model/files/hf_rope.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "model/ops.hpp"

namespace hippocrypt::model {
namespace {

using Reasons = std::vector<std::string>;

Status read_partial_factor(const JsonObject& object, Reasons& unsupported) {
  HIPPOCRYPT_TRY(const double factor, object.number_or("partial_rotary_factor", 1.0));
  if (factor != 1.0) unsupported.push_back("rotary embedding of a part of each head");
  return {};
}

/// A rope_parameters or rope_scaling object.
Status read_rope_object(const JsonObject& object, RopeScaling& scaling, Reasons& unsupported) {
  for (const auto& [key, value] : object.json().items()) {
    if (value.is_object()) {
      unsupported.push_back("rope settings per kind of layer (" + key + ")");
      return {};
    }
  }
  HIPPOCRYPT_TRY(const std::string older, object.text_or("type", "default"));
  HIPPOCRYPT_TRY(const std::string kind, object.text_or("rope_type", older));
  if (kind == "linear" || kind == "llama3") {
    HIPPOCRYPT_TRY(scaling.factor, object.number("factor"));
    scaling.kind = kind == "linear" ? RopeScalingKind::linear : RopeScalingKind::llama3;
  } else if (kind != "default") {
    unsupported.push_back("rope scaling of type " + kind);
  }
  if (kind == "llama3") {
    HIPPOCRYPT_TRY(scaling.low_frequency, object.number("low_freq_factor"));
    HIPPOCRYPT_TRY(scaling.high_frequency, object.number("high_freq_factor"));
    HIPPOCRYPT_TRY(scaling.original_context, object.number("original_max_position_embeddings"));
  }
  return read_partial_factor(object, unsupported);
}

/// Whether `candidate` turns every pair as the divisors of `literal` do.
bool gives_divisors(const ModelLiteral& literal, const RopeScaling& candidate) {
  ModelLiteral plain = literal, scaled = literal;
  plain.rope_scaling = {};
  scaled.rope_scaling = candidate;
  const std::vector<float>& divisors = literal.rope_scaling.divisors;
  for (std::size_t pair = 0; pair < divisors.size(); ++pair) {
    const double divisor = rope_frequency(plain, pair) / rope_frequency(scaled, pair);
    if (!(std::abs(static_cast<double>(divisors[pair]) / divisor - 1.0) <= 1e-4)) return false;
  }
  return true;
}

}  // namespace

Status read_hf_rope(const JsonObject& config, ModelLiteral& literal, Reasons& unsupported) {
  HIPPOCRYPT_TRY(literal.rope_theta, config.number_or("rope_theta", literal.rope_theta));
  HIPPOCRYPT_TRY_VOID(read_partial_factor(config, unsupported));
  if (config.find("rope_scaling") != nullptr) {
    HIPPOCRYPT_TRY(const JsonObject scaling, config.object("rope_scaling"));
    HIPPOCRYPT_TRY_VOID(read_rope_object(scaling, literal.rope_scaling, unsupported));
  }
  if (config.find("rope_parameters") != nullptr) {
    HIPPOCRYPT_TRY(const JsonObject parameters, config.object("rope_parameters"));
    HIPPOCRYPT_TRY_VOID(read_rope_object(parameters, literal.rope_scaling, unsupported));
    HIPPOCRYPT_TRY(literal.rope_theta, parameters.number_or("rope_theta", literal.rope_theta));
  }
  return {};
}

namespace {

/// A whole number as one: some readers insist.
Json number_json(double value) {
  const bool is_whole = value >= 0.0 && value < 0x1p53 && value == std::floor(value);
  return is_whole ? Json(static_cast<std::uint64_t>(value)) : Json(value);
}

}  // namespace

Json render_hf_rope(const RopeScaling& scaling) {
  switch (scaling.kind) {
    case RopeScalingKind::none:
      return nullptr;
    case RopeScalingKind::linear:
      return {{"factor", scaling.factor}, {"rope_type", "linear"}};
    case RopeScalingKind::llama3:
      return {{"factor", scaling.factor},
              {"high_freq_factor", scaling.high_frequency},
              {"low_freq_factor", scaling.low_frequency},
              {"original_max_position_embeddings", number_json(scaling.original_context)},
              {"rope_type", "llama3"}};
    case RopeScalingKind::factors:
      break;
  }
  check_failed(__FILE__, __LINE__, "config.json has no rope divisors");
}

Result<RopeScaling> rope_without_divisors(const ModelLiteral& literal) {
  const std::vector<float>& divisors = literal.rope_scaling.divisors;
  HIPPOCRYPT_CHECK(literal.rope_scaling.kind == RopeScalingKind::factors && !divisors.empty());
  RopeScaling candidate;
  if (gives_divisors(literal, candidate)) return candidate;
  candidate.factor = static_cast<double>(*std::max_element(divisors.begin(), divisors.end()));
  candidate.kind = RopeScalingKind::linear;
  if (gives_divisors(literal, candidate)) return candidate;
  candidate.kind = RopeScalingKind::llama3;
  // Contexts are powers of two, at times multiples of a small one.
  for (std::uint64_t context = 256; context <= (std::uint64_t{1} << 20);
       context += context < 65536 ? 256 : 65536) {
    candidate.original_context = static_cast<double>(context);
    if (gives_divisors(literal, candidate)) return candidate;
  }
  return Error{Errc::unsupported,
               "the rotary frequencies' divisors are those of no type of rope scaling that "
               "config.json knows"};
}

}  // namespace hippocrypt::model
