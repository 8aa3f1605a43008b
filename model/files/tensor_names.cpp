#include "model/files/tensor_names.hpp"

namespace hippocrypt::model {

namespace {

std::string_view parent_of(LoraTarget target) {
  return target <= LoraTarget::o ? "self_attn" : "mlp";
}

}  // namespace

std::string_view parent_of_module(std::string_view module) {
  const auto target = lora_target_from_string(module);
  return target.has_value() ? parent_of(*target) : std::string_view{};
}

std::array<LinearPart, lora_target_count> linear_parts(const ModelConfig& config) {
  std::array<LinearPart, lora_target_count> parts{};
  for (std::size_t i = 0; i < lora_target_count; ++i) {
    const LoraTargetShape shape = lora_target_shape(config, static_cast<LoraTarget>(i));
    parts[i] = {parent_of(shape.target),
                to_string(shape.target),
                shape.group,
                shape.row_begin,
                shape.out,
                shape.in};
  }
  return parts;
}

std::string block_tensor_name(std::size_t block, std::string_view rest) {
  return "model.layers." + std::to_string(block) + "." + std::string{rest};
}

std::string part_weight_name(const LinearPart& part) {
  return std::string{part.parent} + "." + std::string{part.module} + ".weight";
}

std::string part_bias_name(const LinearPart& part) {
  return std::string{part.parent} + "." + std::string{part.module} + ".bias";
}

}  // namespace hippocrypt::model
