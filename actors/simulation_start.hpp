#pragma once
// Internal to actors/simulation: what everybody starts from, and the blind server if there is one.

#include <memory>
#include <vector>

#include "actors/simulation.hpp"
#include "federation/client/shared_model.hpp"
#include "federation/client/work_slots.hpp"
#include "model/lora_adapter.hpp"
#include "protocol/core/frame_service.hpp"

namespace hippocrypt::actors {

struct SharedStart {
  model::ModelConfig model_config;
  model::LoraAdapter adapter;
  std::shared_ptr<const protocol::FrameService> service;
  std::shared_ptr<const federation::SharedModel> model;       ///< every hospital's
  Hash256 weights{};                                          ///< names the frozen weights
  std::vector<std::shared_ptr<const notes::NoteFile>> notes;  ///< what each was dealt, or null
  std::shared_ptr<federation::WorkSlots> slots;               ///< of all hospitals
};

/// A line for people, from `source`.
void tell_note(const SimulationOptions& options, const char* source, std::string text);

/// Errors: those of opening the model, of dealing notes and of starting the server.
Result<SharedStart> make_start(const SimulationOptions& options);

}  // namespace hippocrypt::actors
