#include "cli/training/train_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "base/parallel.hpp"
#include "cli/session/oracle_session.hpp"
#include "cli/training/model_identity.hpp"
#include "cli/training/train_metrics.hpp"
#include "federation/client/checkpoint_store.hpp"
#include "federation/client/local_site.hpp"
#include "federation/client/solo_trainer.hpp"
#include "federation/client/step_journal.hpp"
#include "model/files/adapter_lora.hpp"
#include "model/source/open_model.hpp"

namespace hippocrypt::cli {
namespace {

using federation::Checkpoint;
using federation::FederationConfig;

std::vector<federation::Setting> settings_of(const TrainOptions& options, const model::Model& model,
                                             const federation::LocalPlan& plan) {
  auto settings = federation::run_settings(options.config, options.hospital);
  settings.push_back({"model.path (its weights)", to_hex(model_identity(model))});
  settings.push_back({"hospital.notes (their content)", to_hex(plan.data.fingerprint)});
  return settings;
}

Hash256 identity_of(const std::vector<federation::Setting>& settings) {
  Sha256 hash;
  for (const auto& setting : settings) hash.add_field(setting.key).add_field(setting.value);
  return hash.finish();
}

/// Without noise no delta depends on it, but whoever trains should know.
void note_full_lots(const TrainOptions& options, const privacy::DpSgdParams& params) {
  if (params.noise_multiplier > 0 || params.overflow_probability < 0.01) return;
  options.on_note(fmt::format(
      "a step may hold more than its tiles with probability {:.2g}: units are then left out at "
      "random; raise encryption.train_tiles or training.accumulate, or lower "
      "privacy.sampling_rate",
      params.overflow_probability));
}

/// Errors: those of load_latest; mismatch.
Result<Checkpoint> load_checkpoint(const TrainOptions& options,
                                   const std::vector<federation::Setting>& settings) {
  const federation::CheckpointStore store{*options.resume / "checkpoints", 1};
  HIPPOCRYPT_TRY(auto checkpoint, store.load_latest());
  HIPPOCRYPT_TRY_VOID(federation::check_same_settings(checkpoint.settings, settings));
  const auto& run = options.config.run;
  const bool has_steps_left =
      checkpoint.steps_done < std::uint64_t{run.rounds} * run.steps_per_round;
  std::error_code ignored;  // killed between its last checkpoint and its adapter
  const bool is_cut_short = !std::filesystem::exists(*options.resume / "adapter", ignored);
  if (has_steps_left || is_cut_short) return checkpoint;
  return Error{Errc::mismatch, options.resume->string() + " has taken all of its " +
                                   std::to_string(checkpoint.steps_done) +
                                   " steps; start a new run without --resume"};
}

/// What a run is made of while it goes on.
class Run {
 public:
  Run(const TrainOptions& options, std::filesystem::path folder, Checkpoint state)
      : options_{options},
        folder_{std::move(folder)},
        state_{std::move(state)},
        record_{federation::start_record(
            options.config, {&options.config.hospitals[options.hospital], 1}, folder_)},
        store_{folder_ / "checkpoints", options.config.training.checkpoints_kept},
        metrics_{folder_ / "metrics.jsonl"},
        base_bytes_up_{state_.bytes_up},
        base_bytes_down_{state_.bytes_down},
        base_seconds_{state_.seconds} {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Status set_up(const model::ModelConfig& config,
                std::shared_ptr<const model::ClientWeights> weights, federation::LocalPlan plan,
                std::unique_ptr<OracleSession> session) {
    session_ = std::move(session);
    federation::LocalSiteOptions site;
    site.config = std::make_shared<const FederationConfig>(options_.config);
    site.index = options_.hospital;
    site.ledger = folder_ / entry().ledger;  // an absolute path stays
    site.ledger_mode =
        options_.resume ? privacy::LedgerMode::must_exist : privacy::LedgerMode::create_if_missing;
    site.run = record_.run;
    site.noise_seed = federation::noise_seed_file(folder_, entry().name);
    HIPPOCRYPT_TRY(record_.dp_forward, federation::forward_record(options_.config, config->hidden));
    const bool is_private = options_.config.privacy.noise_multiplier > 0;
    site.lots = is_private ? federation::LotSource::secret : federation::LotSource::seeded_by_step;
    site.threads = machine_threads();
    HIPPOCRYPT_TRY(site_, federation::LocalSite::create(std::move(site), config, std::move(weights),
                                                        std::move(plan), session_->oracle()));
    if (!site_->account_note().empty()) options_.on_note(site_->account_note());
    site_->engine().watch(options_.on_stage);
    HIPPOCRYPT_TRY_VOID(options_.resume ? restore() : measure_start());
    return is_private ? open_journal() : Status{};
  }

  Result<TrainResult> run() {
    HIPPOCRYPT_TRY_VOID(federation::save_run_record(folder_, record_));
    const auto& config = options_.config;
    session_->set_capacity(federation::step_room(config.training, config.encryption).pass_tokens);
    const federation::SoloPlan plan{config.run.rounds, config.run.steps_per_round,
                                    config.training.checkpoint_every};
    const Status trained = federation::train_solo(
        site_->trainer(), plan, state_.values, *options_.stop,
        [this](const auto& report) { on_step(report); }, [this] { return keep(); });
    const Status ended = end(trained);
    HIPPOCRYPT_TRY_VOID(federation::save_run_record(folder_, record_));
    if (!trained) return explained(trained.error());
    HIPPOCRYPT_TRY_VOID(ended);
    HIPPOCRYPT_TRY_VOID(metrics_.status());
    return TrainResult{folder_, record_};
  }

 private:
  federation::HospitalRecord& entry() { return record_.hospitals.front(); }
  std::uint64_t total_steps() const {
    return std::uint64_t{options_.config.run.rounds} * options_.config.run.steps_per_round;
  }
  double epsilon() { return site_->engine().spent().epsilon; }
  Result<double> heldout_loss() {
    session_->set_capacity(federation::eval_capacity(options_.config.encryption));
    return site_->trainer().evaluate(state_.values, site_->heldout());
  }

  Status measure_start() {
    state_.values = site_->start_values();
    HIPPOCRYPT_TRY(state_.loss_before, heldout_loss());
    metrics_.write_loss("start", 0, state_.loss_before);
    entry().loss_before = state_.loss_before;
    return {};
  }

  Status restore() {
    if (state_.values.size() != site_->start_values().size()) {
      return Error{Errc::mismatch, "the checkpoint's adapter has another size"};
    }
    HIPPOCRYPT_TRY_VOID(site_->trainer().restore(std::move(state_.optimizer), state_.steps_done));
    entry().loss_before = state_.loss_before;
    site_->engine().restore_clip(state_.clip);
    options_.on_note(fmt::format("goes on after step {} of {}", state_.steps_done, total_steps()));
    return {};
  }

  /// Applies what an earlier process had released after its last checkpoint, and keeps it; a new
  /// run keeps its start, so that its first steps can be applied again, too.
  Status open_journal() {
    auto& trainer = site_->trainer();
    const std::uint64_t before = trainer.steps_done();
    const auto path = folder_ / "checkpoints" / "steps.journal";
    HIPPOCRYPT_TRY(journal_,
                   federation::StepJournal::open(
                       path, identity_of(state_.settings), before,
                       [&](const auto& record) { return replay(record); }, options_.on_stage));
    trainer.keep_updates([this](std::uint64_t step, std::span<const float> update, double clip) {
      return journal_->append(step, update, clip);
    });
    const std::uint64_t replayed = trainer.steps_done() - before;
    if (options_.resume && replayed == 0) return {};
    if (replayed > 0) {
      options_.on_note(
          fmt::format("{} step{} after it {} in the journal: applied again, not paid for again",
                      replayed, replayed == 1 ? "" : "s", replayed == 1 ? "was" : "were"));
    }
    return keep();
  }

  Status replay(const federation::JournalRecord& record) {
    if (site_->trainer().steps_done() >= total_steps()) return {};
    HIPPOCRYPT_TRY_VOID(site_->trainer().replay(record.step, record.update, state_.values));
    site_->engine().restore_clip(record.clip);
    return federation::check_converging(state_.values);
  }

  void reach(privacy::LotStage stage) const {
    if (options_.on_stage) options_.on_stage(stage);
  }

  void on_step(const federation::StepReport& report) {
    reach(privacy::LotStage::applied);
    metrics_.add(report);
    const bool due = report.step % options_.config.training.log_every == 0;
    if (due || report.step == total_steps()) {
      options_.on_progress(metrics_.interval(total_steps(), epsilon()));
    }
  }

  Status keep() {
    update_costs();
    state_.optimizer = site_->trainer().optimizer_state();
    state_.clip = site_->engine().clip();
    HIPPOCRYPT_TRY_VOID(store_.save(state_));
    reach(privacy::LotStage::checkpointed);
    return journal_ ? journal_->drop(state_.steps_done) : Status{};
  }

  void update_costs() {
    state_.steps_done = site_->trainer().steps_done();
    state_.bytes_up = base_bytes_up_ + session_->bytes_up();
    state_.bytes_down = base_bytes_down_ + session_->bytes_down();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began_;
    state_.seconds = base_seconds_ + seconds.count();
  }

  /// The adapter, its loss and the record, however the training ended. Errors: those of evaluate
  /// and of writing the adapter.
  Status end(const Status& trained) {
    const bool cancelled = !trained && trained.error().code == Errc::cancelled;
    record_.status = cancelled ? federation::RunStatus::interrupted : federation::RunStatus::failed;
    if (!trained) entry().failure = trained.error().detail;
    // What led to infinity is not applied again.
    const bool diverged = !trained && trained.error().code == Errc::not_finite;
    if (diverged && journal_) HIPPOCRYPT_TRY_VOID(journal_->drop(state_.steps_done));
    Status outcome;
    const bool no_budget = !trained && trained.error().code == Errc::budget_exhausted;
    if (trained || (no_budget && site_->trainer().steps_done() > 0)) outcome = finish();
    update_costs();
    record_.rounds =
        static_cast<std::uint32_t>(state_.steps_done / options_.config.run.steps_per_round);
    record_.seconds = state_.seconds;
    record_.bytes_up = state_.bytes_up;
    record_.bytes_down = state_.bytes_down;
    const auto status = site_->engine().status(options_.config.run.steps_per_round);
    entry().epsilon = status.spent.epsilon;
    entry().delta_overflow = status.delta_total - status.delta;
    entry().steps = state_.steps_done;
    if (trained && outcome) record_.status = federation::RunStatus::finished;
    return outcome;
  }

  Status finish() {
    HIPPOCRYPT_TRY(entry().loss_after, heldout_loss());
    metrics_.write_loss("end", site_->trainer().steps_done(), entry().loss_after);
    const auto folder = folder_ / "adapter";
    HIPPOCRYPT_TRY_VOID(model::save_lora_adapter(site_->trainer().adapter_of(state_.values),
                                                 options_.config.model.path.string(), folder));
    record_.adapter = folder.string();
    return {};
  }

  Error explained(const Error& error) const {
    std::string detail = error.detail;
    const std::string where = fmt::format(" after step {} of {}", state_.steps_done, total_steps());
    if (error.code == Errc::cancelled) {
      detail += where + "; a checkpoint is kept, go on with: " + options_.resume_command + " " +
                folder_.string();
    } else if (error.code == Errc::budget_exhausted) {
      detail = "stopped" + where + ": " + detail;
      if (!record_.adapter.empty()) detail += "; the adapter so far is in " + record_.adapter;
    }
    return Error{error.code, std::move(detail)};
  }

  const TrainOptions& options_;
  std::filesystem::path folder_;
  Checkpoint state_;
  federation::RunRecord record_;
  federation::CheckpointStore store_;
  TrainMetrics metrics_;
  std::uint64_t base_bytes_up_, base_bytes_down_;  // of the run before it was resumed
  double base_seconds_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::unique_ptr<OracleSession> session_;
  std::unique_ptr<federation::LocalSite> site_;  // after the session that it uses
  std::optional<federation::StepJournal> journal_;
};

}  // namespace

Result<TrainResult> train(const TrainOptions& options) {
  static const std::atomic<bool> never{false};
  TrainOptions own = options;
  if (own.stop == nullptr) own.stop = &never;
  if (!own.on_note) own.on_note = [](const std::string&) {};
  if (!own.on_progress) own.on_progress = [](const TrainProgress&) {};
  const FederationConfig& config = own.config;
  const std::string spec = config.model.path.string();
  HIPPOCRYPT_TRY(auto bundle, model::open_model(spec));
  model::Model& model = bundle.model;
  HIPPOCRYPT_TRY(auto plan,
                 federation::make_local_plan(config, own.hospital, federation::text_codec(bundle),
                                             model.config));
  note_full_lots(own, plan.params);
  Checkpoint state;
  auto settings = settings_of(own, model, plan);
  std::optional<FileLock> claim;
  if (own.resume) {
    HIPPOCRYPT_TRY(claim, federation::claim_run(*own.resume));
    HIPPOCRYPT_TRY(state, load_checkpoint(own, settings));
  }
  state.settings = std::move(settings);
  HIPPOCRYPT_TRY(auto residuals,
                 federation::residuals_for(config.encryption, model, machine_threads()));
  if (config.encryption.blind_head) model::offer_head(model);
  HIPPOCRYPT_TRY(auto session,
                 OracleSession::create({config.encryption, config.server, machine_threads(), spec,
                                        std::move(residuals)},
                                       model.config, std::move(model.base)));
  if (!session->server_note().empty()) own.on_note("blind server: " + session->server_note());
  std::filesystem::path folder;
  if (own.resume) {
    folder = own.resume->has_filename() ? *own.resume : own.resume->parent_path();
  } else {
    HIPPOCRYPT_TRY(folder, federation::create_run_folder(own.runs, config.run.name));
    HIPPOCRYPT_TRY(claim, federation::claim_run(folder));
  }
  Run run{own, std::move(folder), std::move(state)};
  HIPPOCRYPT_TRY_VOID(run.set_up(
      model.config, std::make_shared<const model::ClientWeights>(std::move(model.client)),
      std::move(plan), std::move(session)));
  return run.run();
}

}  // namespace hippocrypt::cli
