#pragma once
// What can be known, and go wrong, before a hospital has an oracle: its data, the constants of its
// DP-SGD and the adapter it starts from.

#include <cstddef>

#include "federation/client/hospital_data.hpp"
#include "federation/common/federation_config.hpp"
#include "model/lora_adapter.hpp"
#include "model/source/open_model.hpp"
#include "privacy/dp_sgd/dp_sgd_params.hpp"

namespace hippocrypt::federation {

struct LocalPlan {
  HospitalData data;
  privacy::DpSgdParams params;
  model::LoraAdapter adapter;
};

/// How the opened model turns notes into ids; the bundle must outlive it.
TextCodec text_codec(const model::ModelBundle& bundle);

/// Tokens of one evaluation.
std::size_t eval_capacity(const EncryptionConfig& encryption);

/// For the hospital `index` of config.hospitals, with the notes `dealt`; null: notes_of(config,
/// index). Errors: those of notes_of, make_hospital_data and make_initial_adapter; invalid_config
/// (lots would lose units often enough to matter for delta).
Result<LocalPlan> make_local_plan(const FederationConfig& config, std::size_t index,
                                  TextCodec codec, const model::ModelConfig& model_config,
                                  const notes::NoteFile* dealt = nullptr);

}  // namespace hippocrypt::federation
