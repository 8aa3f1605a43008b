#pragma once
// The shipped model's inputs as a training step sees them.

#include <filesystem>

#include "base/random.hpp"
#include "federation/client/hospital_data.hpp"
#include "model/files/hf_model.hpp"
#include "model/lora_adapter.hpp"
#include "model/tokenizer/tokenizer_json.hpp"
#include "model/transformer.hpp"

namespace hippocrypt::test_support {

inline const std::filesystem::path data_folder = HIPPOCRYPT_SOURCE_DIR "/data";

/// The first sixteen training patients of a hospital, packed.
inline model::Batch first_patients(const model::ModelConfig& config) {
  const auto folder = data_folder / "model";
  const auto tokenizer = model::read_tokenizer_json(folder / "tokenizer.json").value();
  const auto special = model::load_special_token_ids(folder).value();
  const auto data = federation::load_hospital_data(
                        data_folder / "hospitals" / "northgate.jsonl", {tokenizer, special}, {},
                        federation::PrivacyUnit::patient, config->max_context, 4096)
                        .value();
  model::Batch batch;
  for (std::size_t i = 0; i < 16; ++i) {
    federation::append_sequences(batch, data.train[i].sequences, 1);
  }
  return batch;
}

/// Orthonormal A and a small random B, so that the gradients of both mean something.
inline model::LoraAdapter busy_adapter(const model::ModelConfig& config) {
  model::LoraLiteral literal;
  literal.targets = {model::LoraTarget::q,   model::LoraTarget::k,    model::LoraTarget::v,
                     model::LoraTarget::o,   model::LoraTarget::gate, model::LoraTarget::up,
                     model::LoraTarget::down};
  auto adapter = model::initial_adapter(config, model::LoraConfig::create(literal, config).value(),
                                        model::LoraInit::orthonormal, 1);
  SeededSequence random{2, "B"};
  for (std::size_t block = 0; block < adapter.blocks(); ++block) {
    for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
      for (float& value : adapter.at(block, i).b.values()) {
        value = static_cast<float>(0.01 * random.normal());
      }
    }
  }
  return adapter;
}

}  // namespace hippocrypt::test_support
