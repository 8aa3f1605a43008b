#pragma once
// What an aggregator starts with, made from a configuration: the same in a simulation and in a
// process of its own.

#include "actors/fedavg_aggregator.hpp"
#include "federation/common/federation_config.hpp"
#include "federation/common/run_settings.hpp"
#include "federation/secagg/common/params.hpp"
#include "federation/secagg/common/session.hpp"
#include "model/lora_adapter.hpp"

namespace hippocrypt::actors {

/// What everybody agrees on before sums are masked.
struct SecureTerms {
  federation::secagg::Params params;
  std::shared_ptr<const federation::secagg::Roster> roster;
  std::string run;
};

struct AggregatorParts {
  const federation::FederationConfig& config;
  const model::ModelConfig& model_config;
  const model::LoraAdapter& adapter;                ///< that the run starts from
  std::shared_ptr<federation::RunJournal> journal;  ///< to go on from, if anything is in it
  /// Null: every update is seen.
  const SecureTerms* secure = nullptr;
  caf::actor observer;
  bool hospitals_return = false;
  federation::CrashHook on_point;
};

/// Errors: those of RunJournal and of secagg_collectors.
Result<std::shared_ptr<AggregatorSpec>> make_aggregator_spec(const AggregatorParts& parts);

/// One line for people: what the aggregator can see.
std::string describe(const SecureTerms* secure);

}  // namespace hippocrypt::actors
