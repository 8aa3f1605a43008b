#include "model/files/adapter_lora.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace hippocrypt::model {

AdapterFolder to_adapter_folder(const LoraAdapter& adapter, std::string base_model) {
  AdapterFolder out;
  out.config.rank = adapter.config().rank();
  out.config.alpha = adapter.config().alpha();
  out.config.base_model = std::move(base_model);
  for (const LoraTargetShape& shape : adapter.shapes()) {
    out.config.target_modules.emplace_back(to_string(shape.target));
  }
  for (std::size_t block = 0; block < adapter.blocks(); ++block) {
    for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
      const auto& factors = adapter.at(block, i);
      out.tensors.push_back({block, out.config.target_modules[i], factors.a, factors.b});
    }
  }
  std::sort(out.config.target_modules.begin(), out.config.target_modules.end());
  return out;
}

Result<LoraAdapter> to_lora_adapter(const AdapterFolder& folder, const ModelConfig& model) {
  LoraLiteral literal{folder.config.rank, folder.config.alpha, {}};
  for (const std::string& module : folder.config.target_modules) {
    HIPPOCRYPT_TRY(const LoraTarget target, lora_target_from_string(module));
    literal.targets.push_back(target);
  }
  HIPPOCRYPT_TRY(const LoraConfig config, LoraConfig::create(std::move(literal), model));
  HIPPOCRYPT_TRY_VOID(check_adapter_fits(folder, model));
  LoraAdapter out{model, config};
  std::set<std::pair<std::size_t, std::string_view>> places;
  for (const AdapterTensor& tensor : folder.tensors) {
    if (!places.emplace(tensor.block, tensor.module).second) {
      return Error{Errc::mismatch, "the adapter has " + tensor.module + " of block " +
                                       std::to_string(tensor.block) + " twice"};
    }
    const auto& shapes = out.shapes();
    const auto shape = std::find_if(shapes.begin(), shapes.end(), [&tensor](const auto& s) {
      return tensor.module == to_string(s.target);
    });
    if (shape == shapes.end()) {
      return Error{Errc::mismatch, "the adapter has matrices for " + tensor.module +
                                       ", which its config does not target"};
    }
    out.at(tensor.block, static_cast<std::size_t>(shape - shapes.begin())) = {tensor.a, tensor.b};
  }
  return out;
}

Status save_lora_adapter(const LoraAdapter& adapter, std::string base_model,
                         const std::filesystem::path& folder) {
  return write_adapter_folder(to_adapter_folder(adapter, std::move(base_model)), folder);
}

Result<LoraAdapter> load_lora_adapter(const std::filesystem::path& folder,
                                      const ModelConfig& model) {
  HIPPOCRYPT_TRY(const AdapterFolder adapter, read_adapter_folder(folder));
  return to_lora_adapter(adapter, model);
}

}  // namespace hippocrypt::model
