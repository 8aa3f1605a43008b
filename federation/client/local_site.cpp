#include "federation/client/local_site.hpp"

#include <algorithm>
#include <chrono>

#include "federation/adapter/adapter_factory.hpp"
#include "federation/common/ledger_place.hpp"

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

struct OpenedLedger {
  privacy::Ledger ledger;
  std::shared_ptr<privacy::DatasetAccount> account;  // null: the ledger is the run's alone
};

/// The run's ledger, or that of the patients in the user's ledger home, where they are enrolled
/// before anything is charged.
Result<OpenedLedger> open_ledger(const LocalSiteOptions& options, const HospitalData& data) {
  const PrivacyConfig& privacy = options.config->privacy;
  if (privacy.ledger == LedgerPlace::run) {
    HIPPOCRYPT_TRY(auto ledger, privacy::Ledger::open(options.ledger, options.ledger_mode));
    return OpenedLedger{std::move(ledger), nullptr};
  }
  const HospitalConfig& hospital = options.config->hospitals[options.index];
  HIPPOCRYPT_TRY(auto account,
                 privacy::Registry::enroll(ledger_home(privacy.ledger_home),
                                           {hospital.name, data.fingerprint, data.train_patients,
                                            std::filesystem::absolute(hospital.notes)}));
  HIPPOCRYPT_TRY(auto ledger, account->open_ledger(options.ledger_mode));
  return OpenedLedger{std::move(ledger), std::move(account)};
}

}  // namespace

LocalSite::LocalSite(LocalSiteOptions options, const model::ModelConfig& model_config,
                     std::shared_ptr<const model::ClientWeights> weights, const LocalPlan& plan,
                     privacy::Ledger ledger)
    : options_{std::move(options)},
      model_config_{model_config},
      weights_{std::move(weights)},
      start_values_{gather_values(plan.adapter, trainable_of(config().adapter.mode), model_config)},
      adapter_hash_{adapter_fingerprint(config().adapter.mode, plan.adapter, model_config)},
      data_fingerprint_{plan.data.fingerprint},
      data_report_{plan.data.report},
      heldout_{plan.data.heldout},
      train_units_{plan.data.train.size()},
      ledger_{std::move(ledger)},
      random_{options_.random ? options_.random : std::make_shared<SystemRandom>()},
      seeded_{SeededSequence{config().run.seed, "sampling of " + name()}},
      secret_{*random_} {}

privacy::UniformSource& LocalSite::sampler() {
  if (options_.lots == LotSource::secret) return secret_;
  return seeded_;
}

void LocalSite::begin_step(std::uint64_t step) {
  random_->seek("step", step / config().run.steps_per_round + 1, step, 0);
  if (options_.lots != LotSource::seeded_by_step) return;
  seeded_ = privacy::SeededUniformSource{SeededSequence{
      config().run.seed, "sampling of " + name() + ", step " + std::to_string(step)}};
}

Status LocalSite::set_up_forward(const LocalPlan& plan) {
  if (!config().dp_forward) return {};
  random_->seek("dp-forward", 0, 0, 0);
  const DpForwardConfig& forward = *config().dp_forward;
  HIPPOCRYPT_TRY(const auto params, forward_params(config(), model_config_->hidden));
  privacy::ReleaseTerms terms;
  terms.delta = forward.delta;
  terms.budget = forward.budget;
  terms.run = options_.run;
  terms.hospital = name();
  terms.software_version = HIPPOCRYPT_VERSION;
  terms.unix_clock = unix_now;
  auto seed = options_.noise_seed.empty()
                  ? Result<privacy::NoiseSeed>{privacy::NoiseSeed::fresh(*random_)}
                  : privacy::NoiseSeed::load_or_create(options_.noise_seed, *random_);
  if (!seed) return seed.error();
  HIPPOCRYPT_TRY(auto release, privacy::EmbeddingRelease::pay(
                                   params,
                                   {data_fingerprint_, embedding_fingerprint(weights_->embedding),
                                    identities_of(plan.data.train, plan.data.heldout)},
                                   std::move(seed).value(), terms, ledger_));
  forward_.emplace(std::move(release), *weights_);
  return {};
}

Result<std::unique_ptr<LocalSite>> LocalSite::create(
    LocalSiteOptions options, const model::ModelConfig& model_config,
    std::shared_ptr<const model::ClientWeights> weights, LocalPlan plan,
    model::LinearOracle& oracle) {
  HIPPOCRYPT_TRY(auto opened, open_ledger(options, plan.data));
  std::unique_ptr<LocalSite> site{new LocalSite{
      std::move(options), model_config, std::move(weights), plan, std::move(opened.ledger)}};
  if (opened.account) site->account_note_ = opened.account->explanation(site->ledger_);
  const auto& config = site->config();
  const privacy::DatasetId dataset{plan.data.fingerprint, unit_of(config.privacy.unit),
                                   plan.data.train.size(), opened.account};
  HIPPOCRYPT_TRY(site->engine_,
                 privacy::PrivacyEngine::create(
                     plan.params, site->ledger_, dataset,
                     privacy::RunIdentity{site->options_.run, site->name(), HIPPOCRYPT_VERSION},
                     site->sampler(), *site->random_, unix_now,
                     site->options_.workspace ? site->options_.workspace
                                              : std::make_shared<privacy::PldWorkspace>()));
  HIPPOCRYPT_TRY_VOID(site->set_up_forward(plan));
  LocalTrainerOptions trainer;
  trainer.inputs = site->forward_ ? &*site->forward_ : nullptr;
  trainer.training = config.training;
  trainer.aggregation = config.aggregation;
  trainer.room = step_room(config.training, config.encryption);
  // Somebody watches when a step's messages come.
  trainer.fill_passes = site->options_.fill_passes && config.encryption.uses_server();
  trainer.dummy_tokens =
      std::min<std::size_t>(config.training.max_note_tokens, model_config->max_context);
  trainer.total_steps = std::uint64_t{config.run.rounds} * config.run.steps_per_round;
  trainer.trainable = trainable_of(config.adapter.mode);
  if (config.adapter.mode == AdapterMode::rolora) {
    trainer.alternate_every = config.run.steps_per_round;
  }
  trainer.threads = site->options_.threads;
  if (config.encryption.blind_head) trainer.head = model::HeadPlace::blind;
  trainer.before_lot = [own = site.get()](std::uint64_t step) { own->begin_step(step); };
  HIPPOCRYPT_TRY(
      site->trainer_,
      LocalTrainer::create({std::move(trainer), site->model_config_, *site->weights_, oracle,
                            std::move(plan.adapter), std::move(plan.data.train), *site->engine_}));
  return site;
}

}  // namespace hippocrypt::federation
