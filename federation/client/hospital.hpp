#pragma once
// A hospital without its actor: data, keys, adapter, ledger and training behind three calls. The
// shell round it (actors/hospital_client) only carries frames.

#include <atomic>
#include <filesystem>
#include <memory>

#include "federation/client/local_site.hpp"
#include "federation/client/local_trainer.hpp"
#include "federation/client/shared_model.hpp"
#include "federation/client/work_slots.hpp"
#include "federation/common/crash_point.hpp"
#include "federation/common/messages.hpp"
#include "federation/common/run_settings.hpp"
#include "protocol/core/transport.hpp"

namespace hippocrypt::federation {

struct HospitalOptions {
  std::shared_ptr<const FederationConfig> config;  ///< of all; needed
  std::size_t index = 0;                           ///< which of config.hospitals
  std::filesystem::path ledger;
  std::string run;                   ///< name stamped into the ledger
  std::filesystem::path noise_seed;  ///< see LocalSiteOptions
  /// Of config.model and config.encryption; null: the hospital opens the model itself, of which
  /// with an encrypted oracle its own part is enough (model::open_hospital_model).
  std::shared_ptr<const SharedModel> model;
  /// Where such a hospital gets hints; null: they come whole, in one message.
  std::shared_ptr<protocol::HintKeeper> hints;
  /// What the hospital has; null: notes_of(config, index).
  std::shared_ptr<const notes::NoteFile> notes;
  std::shared_ptr<WorkSlots> slots;                  ///< for whatever takes time; null: no limit
  std::shared_ptr<privacy::PldWorkspace> workspace;  ///< see LocalSiteOptions
  /// Everything secret that it draws; null: the operating system's.
  std::shared_ptr<StepRandom> random;
  LotSource lots = LotSource::seeded_by_step;
  /// Where its rounds are kept, to go on from after a crash; empty: they are not.
  std::filesystem::path folder;
  CrashHook on_point;  ///< with a folder
};

class Hospital {
 public:
  /// Loads model, tokenizer and notes, opens the ledger, fetches hints from `server` (needed with
  /// the encrypted oracle only; must outlive the hospital). Errors: those of its parts.
  static Result<std::unique_ptr<Hospital>> create(HospitalOptions options,
                                                  protocol::ProductTransport* server);
  ~Hospital();
  Hospital(const Hospital&) = delete;
  Hospital& operator=(const Hospital&) = delete;

  Join join() const;
  const DataReport& data_report() const;
  std::size_t train_units() const;
  /// Values of the adapter that travel.
  std::size_t adapter_size() const;
  /// See LocalSite.
  const std::string& account_note() const;

  /// What must stay as it is for this hospital to go on with a run: its settings, what its notes
  /// hold and the adapter that it starts from.
  std::vector<Setting> identity() const;
  /// The last round that an earlier process of it has answered; 0: none.
  std::uint32_t last_round() const;

  /// What it has cost until now.
  struct Costs {
    double epsilon = 0;                          ///< with all that is on record for the data set
    double delta = 0;                            ///< of that epsilon, all parts together
    std::uint64_t bytes_up = 0, bytes_down = 0;  ///< to and from the blind server
    std::uint64_t steps = 0;                     ///< of the run
  };
  Costs costs() const;

  /// Held-out loss of the adapter as it starts, unless an earlier process has measured it. Errors:
  /// those of the oracle, io.
  Status measure_start();
  /// Held-out loss of what the round begins with. Errors: those of the oracle, mismatch (size).
  Result<double> measure(const RoundStart& start);
  /// Never fails: what went wrong is the update's status and reason.
  Update train(const RoundStart& start, const std::atomic<bool>& stop, const StepCallback& on_step);
  /// Whether the update of `round` is in its round (LocalTrainer::settle_round).
  void settle(std::uint32_t round, bool counted);
  /// Held-out loss of the final adapter and what the run has cost.
  Report finish(const FinalAdapter& final);
  /// The same of a run that ended before its last round: there is no final adapter to measure.
  Report leave();

 private:
  struct Parts;
  Result<Update> train_round(const RoundStart& start, const std::atomic<bool>& stop,
                             const StepCallback& on_step);
  /// Held-out loss of adapter values, or of a whole global vector; `what` tells its randomness from
  /// that of other looks.
  Result<double> loss_of(const std::vector<float>& values, const std::string& what,
                         std::uint32_t round);
  Result<double> loss_of_global(const std::vector<float>& global, const std::string& what,
                                std::uint32_t round);
  Report account() const;
  explicit Hospital(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace hippocrypt::federation
