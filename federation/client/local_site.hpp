#pragma once
// A hospital's bench: weights that stay with it, data, ledger, engine and trainer, over an oracle
// that somebody else owns. A federation's hospital and a hospital by itself both work at one.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "federation/client/local_plan.hpp"
#include "federation/client/local_trainer.hpp"
#include "privacy/ledger/ledger.hpp"
#include "privacy/registry/registry.hpp"

namespace hippocrypt::federation {

/// Where the words come from that draw the lots.
enum class LotSource : std::uint8_t {
  seeded,          ///< one sequence for the run; simulations
  seeded_by_step,  ///< a sequence for each step, so that a resumed run draws what it would have
                   ///< drawn
  secret,          ///< the operating system, as amplification by sampling assumes
};

struct LocalSiteOptions {
  std::shared_ptr<const FederationConfig> config;  ///< of all; needed
  std::size_t index = 0;                           ///< which of config.hospitals
  std::filesystem::path ledger;  ///< of the run; not looked at with a ledger of the patients
  privacy::LedgerMode ledger_mode = privacy::LedgerMode::create_if_missing;
  std::string run;  ///< name stamped into the ledger
  /// File of the secret that DP-Forward's noise follows from, made if there is none; empty: in
  /// memory only, so that every site charges again.
  std::filesystem::path noise_seed;
  LotSource lots = LotSource::seeded;
  /// Noise, and secret lots; null: the operating system's.
  std::shared_ptr<StepRandom> random;
  std::size_t threads = 1;
  /// Of the accounts of all sites of the process; null: its own.
  std::shared_ptr<privacy::PldWorkspace> workspace;
  bool fill_passes = true;  ///< where there is a server; false is a bug, planted by audits
};

class LocalSite {
 public:
  /// `oracle` must outlive the site. With DP-Forward its release is charged here, before anything
  /// is computed from it. Errors: those of Ledger::open, PrivacyEngine::create,
  /// NoiseSeed::load_or_create, EmbeddingRelease::pay and LocalTrainer::create.
  static Result<std::unique_ptr<LocalSite>> create(
      LocalSiteOptions options, const model::ModelConfig& model_config,
      std::shared_ptr<const model::ClientWeights> weights, LocalPlan plan,
      model::LinearOracle& oracle);
  LocalSite(const LocalSite&) = delete;
  LocalSite& operator=(const LocalSite&) = delete;

  const FederationConfig& config() const { return *options_.config; }
  std::size_t index() const { return options_.index; }
  const HospitalConfig& hospital() const { return options_.config->hospitals[options_.index]; }
  const std::string& name() const { return hospital().name; }
  const model::ModelConfig& model_config() const { return model_config_; }
  LocalTrainer& trainer() { return *trainer_; }
  privacy::PrivacyEngine& engine() { return *engine_; }
  const privacy::Ledger& ledger() const { return ledger_; }
  StepRandom& random() { return *random_; }
  /// DP-Forward's inputs; null where it is not used.
  const ForwardInputs* forward() const { return forward_ ? &*forward_ : nullptr; }
  /// One line for people: which earlier runs on these patients count; empty with a ledger of the
  /// run.
  const std::string& account_note() const { return account_note_; }
  /// The trained values of the adapter as it starts.
  const std::vector<float>& start_values() const { return start_values_; }
  const Hash256& adapter_hash() const { return adapter_hash_; }
  const Hash256& data_fingerprint() const { return data_fingerprint_; }
  const DataReport& data_report() const { return data_report_; }
  const std::vector<TokenSequence>& heldout() const { return heldout_; }
  std::size_t train_units() const { return train_units_; }

 private:
  LocalSite(LocalSiteOptions options, const model::ModelConfig& model_config,
            std::shared_ptr<const model::ClientWeights> weights, const LocalPlan& plan,
            privacy::Ledger ledger);
  privacy::UniformSource& sampler();
  void begin_step(std::uint64_t step);
  Status set_up_forward(const LocalPlan& plan);

  LocalSiteOptions options_;
  model::ModelConfig model_config_;
  std::shared_ptr<const model::ClientWeights> weights_;
  std::vector<float> start_values_;
  Hash256 adapter_hash_, data_fingerprint_;
  DataReport data_report_;
  std::vector<TokenSequence> heldout_;
  std::size_t train_units_;
  privacy::Ledger ledger_;
  std::string account_note_;
  std::shared_ptr<StepRandom> random_;
  privacy::SeededUniformSource seeded_;
  privacy::SecretUniformSource secret_;
  std::optional<privacy::PrivacyEngine> engine_;
  std::optional<ForwardInputs> forward_;
  std::unique_ptr<LocalTrainer> trainer_;  // after the inputs that it uses
};

}  // namespace hippocrypt::federation
