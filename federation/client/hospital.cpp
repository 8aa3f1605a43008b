#include "federation/client/hospital.hpp"

#include <limits>

#include "federation/adapter/adapter_factory.hpp"
#include "federation/client/durable_rounds.hpp"
#include "federation/client/local_site.hpp"
#include "federation/client/oracle_factory.hpp"
#include "federation/common/round_vector.hpp"
#include "model/source/open_model.hpp"

namespace hippocrypt::federation {
namespace {

struct Opened {
  std::shared_ptr<const SharedModel> model;
  LocalPlan plan;
};

/// The plan comes first where there is a choice: what is wrong with the notes shows at once.
Result<Opened> open(const HospitalOptions& options, protocol::ProductTransport* server) {
  const FederationConfig& config = *options.config;
  if (options.model) {
    HIPPOCRYPT_TRY(auto plan, make_local_plan(config, options.index, options.model->codec(),
                                              options.model->config, options.notes.get()));
    return Opened{options.model, std::move(plan)};
  }
  const std::string spec = config.model.path.string();
  HIPPOCRYPT_TRY(auto bundle, config.encryption.uses_server() ? model::open_hospital_model(spec)
                                                              : model::open_model(spec));
  HIPPOCRYPT_TRY(auto plan, make_local_plan(config, options.index, text_codec(bundle),
                                            bundle.model.config, options.notes.get()));
  if (config.encryption.blind_head) model::offer_head(bundle.model);
  HIPPOCRYPT_TRY(auto residuals, residuals_for(config.encryption, bundle, 1));
  HIPPOCRYPT_TRY(auto model, SharedModel::create(config.encryption, std::move(bundle),
                                                 std::move(residuals), server, options.hints));
  return Opened{std::move(model), std::move(plan)};
}

}  // namespace

struct Hospital::Parts {
  std::unique_ptr<HospitalOracle> oracle;
  std::unique_ptr<LocalSite> site;        // after the oracle that it uses
  std::unique_ptr<DurableRounds> rounds;  // null: nothing is kept
  std::shared_ptr<WorkSlots> slots;       // null: no limit
  Report report;
  bool is_measured = false;  // by an earlier process

  DurableRounds::Traffic traffic() const { return {oracle->bytes_up(), oracle->bytes_down()}; }
};

Hospital::Hospital(std::unique_ptr<Parts> parts) : parts_{std::move(parts)} {}
Hospital::~Hospital() = default;

Result<std::unique_ptr<Hospital>> Hospital::create(HospitalOptions options,
                                                   protocol::ProductTransport* server) {
  const FederationConfig& config = *options.config;
  const auto slot = WorkSlots::acquire(options.slots.get());
  HIPPOCRYPT_TRY(auto opened, open(options, server));
  const SharedModel& model = *opened.model;
  auto parts = std::make_unique<Parts>();
  parts->slots = options.slots;
  parts->oracle =
      HospitalOracle::create(config.encryption, model.oracle, server, 1, options.random);
  LocalSiteOptions site;
  site.config = std::move(options.config);
  site.index = options.index;
  site.ledger = std::move(options.ledger);
  site.run = std::move(options.run);
  site.noise_seed = std::move(options.noise_seed);
  site.workspace = std::move(options.workspace);
  site.lots = options.lots;
  site.random = std::move(options.random);
  const bool goes_on = !options.folder.empty() && DurableRounds::is_begun(options.folder);
  if (goes_on) site.ledger_mode = privacy::LedgerMode::must_exist;
  HIPPOCRYPT_TRY(parts->site, LocalSite::create(std::move(site), model.config, model.weights,
                                                std::move(opened.plan), parts->oracle->get()));
  parts->report.hospital = parts->site->name();
  if (!options.folder.empty()) {
    HIPPOCRYPT_TRY(parts->rounds, DurableRounds::open(*parts->site, std::move(options.folder),
                                                      std::move(options.on_point)));
    const RoundState& state = parts->rounds->state();
    parts->report.loss_before = state.training.loss_before;
    parts->report.rounds_sat_out = state.rounds_sat_out;
    parts->is_measured = goes_on;
  }
  return std::unique_ptr<Hospital>{new Hospital{std::move(parts)}};
}

Join Hospital::join() const { return Join{parts_->site->name(), parts_->site->adapter_hash(), {}}; }

const DataReport& Hospital::data_report() const { return parts_->site->data_report(); }

std::size_t Hospital::train_units() const { return parts_->site->train_units(); }

std::size_t Hospital::adapter_size() const { return parts_->site->start_values().size(); }

const std::string& Hospital::account_note() const { return parts_->site->account_note(); }

std::vector<Setting> Hospital::identity() const {
  const LocalSite& site = *parts_->site;
  auto settings = run_settings(site.config(), site.index());
  settings.push_back({"hospital.notes (their content)", to_hex(site.data_fingerprint())});
  settings.push_back({"adapter (its start)", to_hex(site.adapter_hash())});
  return settings;
}

std::uint32_t Hospital::last_round() const {
  return parts_->rounds ? parts_->rounds->state().round : 0;
}

Hospital::Costs Hospital::costs() const {
  auto& engine = parts_->site->engine();
  return {engine.spent().epsilon, engine.delta_total(), parts_->oracle->bytes_up(),
          parts_->oracle->bytes_down(), parts_->site->trainer().steps_done()};
}

Status Hospital::measure_start() {
  if (parts_->is_measured) return {};
  const auto slot = WorkSlots::acquire(parts_->slots.get());
  HIPPOCRYPT_TRY(parts_->report.loss_before,
                 loss_of(parts_->site->start_values(), "evaluation before", 0));
  if (parts_->rounds) return parts_->rounds->keep_start(parts_->report.loss_before);
  return {};
}

Result<double> Hospital::loss_of(const std::vector<float>& values, const std::string& what,
                                 std::uint32_t round) {
  LocalSite& site = *parts_->site;
  parts_->oracle->set_capacity(eval_capacity(site.config().encryption));
  site.random().seek(what, round, 0, 0);
  return site.trainer().evaluate(values, site.heldout());
}

Result<double> Hospital::loss_of_global(const std::vector<float>& global, const std::string& what,
                                        std::uint32_t round) {
  LocalSite& site = *parts_->site;
  if (global.size() != site.trainer().round_size()) {
    return Error{Errc::mismatch, "the adapter to measure has another size"};
  }
  return loss_of(adapter_part(site.config().aggregation.strategy, global), what, round);
}

Result<double> Hospital::measure(const RoundStart& start) {
  if (start.round == 1) return parts_->report.loss_before;  // the same adapter
  const auto slot = WorkSlots::acquire(parts_->slots.get());
  return loss_of_global(start.values, "evaluation", start.round);
}

Update Hospital::train(const RoundStart& start, const std::atomic<bool>& stop,
                       const StepCallback& on_step) {
  auto slot = WorkSlots::acquire(parts_->slots.get());
  const auto began = std::chrono::steady_clock::now();
  auto answer = train_round(start, stop, on_step);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  slot.release();
  wait_out(took * (parts_->site->hospital().site.slowness(start.round) - 1), stop);
  Report& report = parts_->report;
  if (answer) {
    report.failure.clear();
    answer->hospital = report.hospital;
    answer->round = start.round;
    answer->attempt = start.attempt;
    if (parts_->rounds) {
      report.rounds_sat_out = parts_->rounds->state().rounds_sat_out;
    } else if (answer->status == UpdateStatus::sat_out) {
      ++report.rounds_sat_out;
    }
    return std::move(answer).value();
  }
  Update update;
  update.hospital = report.hospital;
  update.round = start.round;
  update.attempt = start.attempt;
  update.status = UpdateStatus::failed;
  update.reason = to_string(answer.error());
  // A hospital whose last round failed did not end well, though the run goes on; one that was told
  // to stop is not to blame.
  if (answer.error().code != Errc::cancelled) report.failure = update.reason;
  return update;
}

Result<Update> Hospital::train_round(const RoundStart& start, const std::atomic<bool>& stop,
                                     const StepCallback& on_step) {
  LocalSite& site = *parts_->site;
  const FederationConfig& config = site.config();
  parts_->oracle->set_capacity(step_room(config.training, config.encryption).pass_tokens);
  if (parts_->rounds) {
    return parts_->rounds->train(start, stop, on_step, [this] { return parts_->traffic(); });
  }
  Update update;
  auto trained = site.trainer().train_round(start.round, config.run.steps_per_round, start.values,
                                            stop, on_step);
  if (trained) {
    update.values = std::move(trained).value();
    return update;
  }
  if (trained.error().code != Errc::budget_exhausted) return std::move(trained).error();
  update.status = UpdateStatus::sat_out;
  update.reason = "sits out: " + trained.error().detail;
  return update;
}

void Hospital::settle(std::uint32_t round, bool counted) {
  if (parts_->rounds) return parts_->rounds->settle(round, counted);
  parts_->site->trainer().settle_round(counted);
}

/// What the run has cost, without a final loss.
Report Hospital::account() const {
  Report report = parts_->report;
  LocalSite& site = *parts_->site;
  const auto status = site.engine().status(site.config().run.steps_per_round);
  report.loss_after = std::numeric_limits<double>::quiet_NaN();
  report.epsilon = status.spent.epsilon;
  report.delta_overflow = status.delta_total - status.delta;
  report.steps = site.trainer().steps_done();
  const auto traffic =
      parts_->rounds ? parts_->rounds->total(parts_->traffic()) : parts_->traffic();
  report.bytes_up = traffic.up;
  report.bytes_down = traffic.down;
  return report;
}

Report Hospital::leave() {
  const auto slot = WorkSlots::acquire(parts_->slots.get());
  return account();
}

Report Hospital::finish(const FinalAdapter& final) {
  const auto slot = WorkSlots::acquire(parts_->slots.get());
  const auto loss = loss_of_global(final.values, "evaluation after", 0);
  Report report = account();
  if (loss) {
    report.loss_after = *loss;
  } else {
    report.failure = to_string(loss.error());
  }
  return report;
}

}  // namespace hippocrypt::federation
