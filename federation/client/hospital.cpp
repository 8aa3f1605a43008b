#include "federation/client/hospital.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>

#include "federation/client/adapter_factory.hpp"
#include "federation/client/oracle_factory.hpp"
#include "model/source/open_model.hpp"
#include "privacy/overflow.hpp"

namespace hippocrypt::federation {
namespace {

privacy::PrivacyUnit unit_of(PrivacyUnit unit) {
  return unit == PrivacyUnit::patient ? privacy::PrivacyUnit::patient : privacy::PrivacyUnit::note;
}

std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::size_t train_capacity(const EncryptionConfig& encryption) {
  return std::size_t{encryption.train_tiles} * encryption.tile_tokens;
}

std::size_t eval_capacity(const EncryptionConfig& encryption) {
  return std::size_t{encryption.eval_tiles} * encryption.tile_tokens;
}

/// The most that dropping units from full lots may add to delta, as a share of it: the figures that
/// are shown at delta would mean little otherwise.
constexpr double max_overflow_share = 0.01;

/// Errors: invalid_config when the planned steps would add more.
Status check_overflow(const privacy::DpSgdParams& params, std::uint64_t steps) {
  if (!(params.noise_multiplier > 0)) return {};  // without noise no delta is claimed
  const privacy::SampledGaussian planned{params.sampling_rate, params.noise_multiplier, steps};
  const double epsilon =
      std::min(params.budget, privacy::rdp_epsilon({&planned, 1}, params.delta).epsilon);
  const double added = privacy::overflow_delta(params.overflow_probability, steps, epsilon);
  if (added <= max_overflow_share * params.delta) return {};
  return Error{
      Errc::invalid_config,
      fmt::format("lots are too large for their tiles: units would be dropped often enough "
                  "to add {:.2g} to delta = {:g}; raise encryption.train_tiles, or lower "
                  "privacy.sampling_rate or training.max_patient_tokens",
                  added, params.delta)};
}

/// The configured constants and this hospital's overflow bound.
Result<privacy::DpSgdParams> dp_params(const FederationConfig& config, std::size_t index,
                                       const std::vector<DataUnit>& units) {
  const auto& privacy = config.privacy;
  privacy::DpSgdParams params;
  params.sampling_rate = privacy.sampling_rate;
  params.noise_multiplier = privacy.noise_multiplier;
  params.clip = privacy.clip;
  params.expected_lot = privacy.expected_lot;
  params.delta = privacy.delta;
  params.budget = config.budget_of(config.hospitals[index]);
  const auto tokens = token_counts(units);
  const privacy::LotLimits limits{train_capacity(config.encryption),
                                  config.training.max_patient_tokens};
  HIPPOCRYPT_TRY(const auto bound,
                 privacy::overflow_probability(tokens, params.sampling_rate, limits));
  params.overflow_probability = bound.probability;
  HIPPOCRYPT_TRY_VOID(
      check_overflow(params, std::uint64_t{config.run.rounds} * config.run.steps_per_round));
  return params;
}

}  // namespace

struct Hospital::Parts {
  HospitalOptions options;
  model::ModelConfig model_config;
  model::ClientWeights weights;
  std::unique_ptr<HospitalOracle> oracle;
  HospitalData data;
  std::size_t train_units;
  std::vector<float> start_values;
  Hash256 adapter_hash;
  privacy::Ledger ledger;
  privacy::SeededUniformSource sampler;
  SystemRandom noise;
  std::optional<privacy::PrivacyEngine> engine;
  std::unique_ptr<LocalTrainer> trainer;
  Report report;

  const std::string& name() const { return options.config.hospitals[options.index].name; }
};

Hospital::Hospital(std::unique_ptr<Parts> parts) : parts_{std::move(parts)} {}
Hospital::~Hospital() = default;

Result<std::unique_ptr<Hospital>> Hospital::create(HospitalOptions options,
                                                   protocol::ProductTransport* server) {
  const FederationConfig& config = options.config;
  const std::string name = config.hospitals[options.index].name;
  HIPPOCRYPT_TRY(auto bundle, model::open_model(config.model.path.string()));
  model::Model& model = bundle.model;
  HIPPOCRYPT_TRY(auto data, load_hospital_data(config.hospitals[options.index].notes,
                                               {bundle.tokenizer, bundle.special}, config.training,
                                               config.privacy.unit, model.config->max_context,
                                               eval_capacity(config.encryption)));
  HIPPOCRYPT_TRY(const auto params, dp_params(config, options.index, data.train));
  HIPPOCRYPT_TRY(auto adapter, make_initial_adapter(config, model.config));
  HIPPOCRYPT_TRY(auto oracle, HospitalOracle::create(config.encryption, model.config,
                                                     std::move(model.base), server));
  HIPPOCRYPT_TRY(auto ledger, privacy::Ledger::open(options.ledger));
  const auto trainable = trainable_of(config.adapter.mode);
  const privacy::DatasetId dataset{data.fingerprint, unit_of(config.privacy.unit),
                                   data.train.size()};
  const std::uint64_t seed = config.run.seed;
  auto start_values = gather_values(adapter, trainable, model.config);
  const Hash256 adapter_hash = adapter_fingerprint(config.adapter.mode, adapter, model.config);
  const std::size_t units = data.train.size();
  std::unique_ptr<Parts> parts{
      new Parts{std::move(options), model.config, std::move(model.client), std::move(oracle),
                std::move(data), units, std::move(start_values), adapter_hash, std::move(ledger),
                privacy::SeededUniformSource{SeededSequence{seed, "sampling of " + name}},
                SystemRandom{}, std::nullopt, nullptr, Report{}}};
  parts->report.hospital = name;
  HIPPOCRYPT_TRY(parts->engine,
                 privacy::PrivacyEngine::create(
                     params, parts->ledger, dataset,
                     privacy::RunIdentity{parts->options.run, name, HIPPOCRYPT_VERSION},
                     parts->sampler, parts->noise, unix_now));
  const auto& own = parts->options.config;
  HIPPOCRYPT_TRY(parts->trainer, LocalTrainer::create({{own.training, own.run.steps_per_round,
                                                        train_capacity(own.encryption), trainable},
                                                       parts->model_config,
                                                       parts->weights,
                                                       parts->oracle->get(),
                                                       std::move(adapter),
                                                       std::move(parts->data.train),
                                                       *parts->engine}));
  return std::unique_ptr<Hospital>{new Hospital{std::move(parts)}};
}

Join Hospital::join() const { return Join{parts_->name(), parts_->adapter_hash}; }

const DataReport& Hospital::data_report() const { return parts_->data.report; }

std::size_t Hospital::train_units() const { return parts_->train_units; }

Status Hospital::measure_start() {
  parts_->oracle->set_capacity(eval_capacity(parts_->options.config.encryption));
  HIPPOCRYPT_TRY(parts_->report.loss_before,
                 parts_->trainer->evaluate(parts_->start_values, parts_->data.heldout));
  return {};
}

Update Hospital::train(const RoundStart& start, const std::atomic<bool>& stop,
                       const StepCallback& on_step) {
  Update update;
  update.hospital = parts_->name();
  update.round = start.round;
  if (start.values.size() != parts_->start_values.size()) {
    update.status = UpdateStatus::failed;
    update.reason = "the round's adapter has " + std::to_string(start.values.size()) +
                    " values; this hospital's has " + std::to_string(parts_->start_values.size());
    return update;
  }
  parts_->oracle->set_capacity(train_capacity(parts_->options.config.encryption));
  auto trained = parts_->trainer->train_round(start.round, start.values, stop, on_step);
  if (trained) {
    parts_->report.failure.clear();
    update.values = std::move(trained).value();
    return update;
  }
  const bool no_budget = trained.error().code == Errc::budget_exhausted;
  if (no_budget) ++parts_->report.rounds_sat_out;
  update.status = no_budget ? UpdateStatus::sat_out : UpdateStatus::failed;
  update.reason = no_budget ? "sits out: " + trained.error().detail : to_string(trained.error());
  // A hospital whose last round failed did not end well, though the run goes on.
  if (!no_budget) parts_->report.failure = update.reason;
  return update;
}

Report Hospital::finish(const FinalAdapter& final) {
  Report report = parts_->report;
  parts_->oracle->set_capacity(eval_capacity(parts_->options.config.encryption));
  const bool fits = final.values.size() == parts_->start_values.size();
  auto loss = fits ? parts_->trainer->evaluate(final.values, parts_->data.heldout)
                   : Result<double>{Error{Errc::mismatch, "the final adapter has another size"}};
  if (loss) {
    report.loss_after = *loss;
  } else {
    report.loss_after = std::numeric_limits<double>::quiet_NaN();
    report.failure = to_string(loss.error());
  }
  const auto status = parts_->engine->status(parts_->options.config.run.steps_per_round);
  report.epsilon = status.spent.epsilon;
  report.delta_overflow = status.delta_total - status.delta;
  report.steps = parts_->trainer->steps_done();
  report.bytes_up = parts_->oracle->bytes_up();
  report.bytes_down = parts_->oracle->bytes_down();
  return report;
}

}  // namespace hippocrypt::federation
