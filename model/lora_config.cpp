#include "model/lora_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <utility>

namespace hippocrypt::model {

const char* to_string(LoraTarget target) {
  switch (target) {
    case LoraTarget::q:
      return "q_proj";
    case LoraTarget::k:
      return "k_proj";
    case LoraTarget::v:
      return "v_proj";
    case LoraTarget::o:
      return "o_proj";
    case LoraTarget::gate:
      return "gate_proj";
    case LoraTarget::up:
      return "up_proj";
    case LoraTarget::down:
      return "down_proj";
  }
  check_failed(__FILE__, __LINE__, "LoRA target");
}

Result<LoraTarget> lora_target_from_string(std::string_view name) {
  std::string known;
  for (std::size_t i = 0; i < lora_target_count; ++i) {
    const auto target = static_cast<LoraTarget>(i);
    if (name == to_string(target)) return target;
    known += fmt::format("{}{}", i == 0 ? "" : ", ", to_string(target));
  }
  return Error{Errc::out_of_range,
               fmt::format("'{}' is no LoRA target; there are {}", name.substr(0, 64), known)};
}

LoraTargetShape lora_target_shape(const ModelConfig& config, LoraTarget target) {
  const std::size_t query = config.query_width();
  const std::size_t kv = config.kv_width();
  const std::size_t hidden = config->hidden;
  const std::size_t ffn = config->ffn;
  switch (target) {
    case LoraTarget::q:
      return {target, LinearGroup::qkv, 0, query, hidden};
    case LoraTarget::k:
      return {target, LinearGroup::qkv, query, kv, hidden};
    case LoraTarget::v:
      return {target, LinearGroup::qkv, query + kv, kv, hidden};
    case LoraTarget::o:
      return {target, LinearGroup::attention_out, 0, hidden, query};
    case LoraTarget::gate:
      return {target, LinearGroup::gate_up, 0, ffn, hidden};
    case LoraTarget::up:
      return {target, LinearGroup::gate_up, ffn, ffn, hidden};
    case LoraTarget::down:
      return {target, LinearGroup::down, 0, hidden, ffn};
  }
  check_failed(__FILE__, __LINE__, "LoRA target");
}

Result<LoraConfig> LoraConfig::create(LoraLiteral literal, const ModelConfig& model) {
  if (literal.targets.empty()) {
    return Error{Errc::out_of_range, "LoRA needs at least one target"};
  }
  std::sort(literal.targets.begin(), literal.targets.end());
  if (std::adjacent_find(literal.targets.begin(), literal.targets.end()) != literal.targets.end()) {
    return Error{Errc::out_of_range, "a LoRA target is named twice"};
  }
  for (const LoraTarget target : literal.targets) {
    const std::size_t in = lora_target_shape(model, target).in;
    if (literal.rank == 0 || literal.rank > in) {
      return Error{Errc::out_of_range, fmt::format("LoRA rank is {}; {} takes 1 to {}",
                                                   literal.rank, to_string(target), in)};
    }
  }
  if (!std::isfinite(literal.alpha)) {
    return Error{Errc::not_finite, "LoRA alpha must be a number"};
  }
  if (literal.alpha <= 0.0) {
    return Error{Errc::out_of_range,
                 fmt::format("LoRA alpha is {}; it must be above 0", literal.alpha)};
  }
  return LoraConfig{std::move(literal)};
}

Hash256 LoraConfig::fingerprint() const {
  Sha256 hash;
  hash.add_field("hippocrypt lora config 1");
  hash.add_u64(literal_.rank).add_u64(std::bit_cast<std::uint64_t>(literal_.alpha));
  for (const LoraTarget target : literal_.targets) hash.add_field(to_string(target));
  return hash.finish();
}

}  // namespace hippocrypt::model
