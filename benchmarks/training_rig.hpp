#pragma once
// One hospital, one blind server and their model in one process, on the same cores: what the
// benchmarks of whole steps run.

#include <filesystem>
#include <memory>
#include <vector>

#include "base/phase_timer.hpp"
#include "base/random.hpp"
#include "benchmarks/options.hpp"
#include "model/optimizer.hpp"
#include "model/transformer.hpp"
#include "protocol/client/encrypted_oracle.hpp"
#include "protocol/in_process_transport.hpp"
#include "protocol/server/deployment.hpp"

namespace hippocrypt::bench {

double seconds_now();

/// Rank 8 on all seven matrices, Kaiming-uniform A and a B that is not zero: what is zero is
/// skipped, so this is the state after some steps.
model::LoraAdapter trained_adapter(const model::ModelConfig& config);

class TrainingRig {
 public:
  /// The model of options.model, or random weights of `shape`. Hints are kept in
  /// options.hint_cache, or in memory. Errors: those of open_weights and Deployment::create.
  static Result<std::unique_ptr<TrainingRig>> create(const model::ModelLiteral& shape,
                                                     const Options& options);
  TrainingRig(const TrainingRig&) = delete;
  TrainingRig& operator=(const TrainingRig&) = delete;

  const model::ModelConfig& config() const { return config_; }
  const protocol::ServerSetup& setup() const { return *setup_; }
  protocol::EncryptedOracle& oracle() { return *oracle_; }
  const model::ClientWeights& client() const { return client_; }
  /// Seconds of every phase so far.
  std::map<std::string, double, std::less<>> phase_seconds() const { return timer_->seconds(); }
  std::size_t server_weight_bytes() const { return deployment_->service()->weight_bytes(); }

  /// Random tokens in sequences of `length`, every token predicted.
  model::Batch batch(std::size_t sequences, std::size_t length) const;
  /// Seconds of a LoRA step (rank 8 on all seven matrices, A and B trained, AdamW), by phase, with
  /// "total" and what is left, "other".
  struct StepTimes {
    std::map<std::string, double, std::less<>> phases;
    double total = 0, loss = 0;
  };
  Result<StepTimes> step(const model::Batch& batch);

 private:
  TrainingRig(model::ModelConfig config, model::ClientWeights client, std::size_t threads);
  Status start(protocol::Deployment::WeightSource weights, const Options& options);

  const model::ModelConfig config_;
  const model::ClientWeights client_;
  const std::size_t threads_;
  SystemRandom random_;
  std::unique_ptr<PhaseTimer> timer_;
  std::shared_ptr<const protocol::Deployment> deployment_;
  std::unique_ptr<protocol::InProcessTransport> transport_;
  std::shared_ptr<const protocol::ServerSetup> setup_;
  std::unique_ptr<protocol::EncryptedOracle> oracle_;
  model::LoraAdapter adapter_;
  std::vector<float> values_;
  model::AdamW optimizer_;
};

}  // namespace hippocrypt::bench
