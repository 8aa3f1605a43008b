#pragma once
// The training of one hospital by itself, from a configuration to an adapter: opens the model and
// an oracle, trains, keeps checkpoints, metrics and the record in a run folder.

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "federation/common/federation_config.hpp"
#include "federation/common/run_record.hpp"
#include "privacy/dp_sgd/lot_stage.hpp"

namespace hippocrypt::cli {

/// What is shown once a log interval. `loss` is the mean of the interval's lots, NaN if all were
/// empty.
struct TrainProgress {
  std::uint64_t step = 0, steps = 0;
  double loss = 0;
  double learning_rate = 0;
  double epsilon = 0;
  double tokens_per_second = 0;
  std::uint64_t rejected = 0;  ///< units since the last line whose gradient was not finite
};

struct TrainOptions {
  federation::FederationConfig config;
  std::size_t hospital = 0;                     ///< which of config.hospitals
  std::filesystem::path runs = "runs";          ///< a new run's folder is made under it
  std::optional<std::filesystem::path> resume;  ///< the folder of the run to go on with
  std::string resume_command;      ///< how the user goes on, up to the run's name; for messages
  privacy::LotStageHook on_stage;  ///< for tests of crashes; empty in the product
  const std::atomic<bool>* stop = nullptr;  ///< set it to end cleanly; outlives the call
  std::function<void(const TrainProgress&)> on_progress;
  std::function<void(const std::string&)> on_note;  ///< one line for people
};

struct TrainResult {
  std::filesystem::path run_folder;
  federation::RunRecord record;  ///< with one hospital
};

/// Runs to the end, from the start or from the newest checkpoint and the journal of private steps
/// after it, so that a killed run loses at most the lot that was under way. The run folder holds
/// run.json, metrics.jsonl, checkpoints/, hospitals/NAME/ and, at the end, adapter/ in PEFT's
/// layout. Errors: those of open_model, make_local_plan, OracleSession::create, LocalSite::create
/// and train_solo; mismatch (a resumed run with another configuration, model or data, or one that
/// has ended); tampered (a damaged checkpoint); cancelled and budget_exhausted (a checkpoint is
/// kept; the message says how to go on).
Result<TrainResult> train(const TrainOptions& options);

}  // namespace hippocrypt::cli
