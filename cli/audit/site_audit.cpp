#include "cli/audit/site_audit.hpp"

#include <chrono>
#include <limits>
#include <mutex>

#include "base/parallel.hpp"
#include "federation/adapter/adapter_factory.hpp"
#include "federation/client/dealt_notes.hpp"
#include "federation/client/local_site.hpp"
#include "federation/client/oracle_factory.hpp"
#include "federation/server/product_server.hpp"
#include "model/files/adapter_lora.hpp"
#include "protocol/in_process_transport.hpp"

namespace hippocrypt::cli {
namespace {

using federation::DataUnit;
using privacy::audit::ObservedStep;
using Clock = std::chrono::steady_clock;

/// Passes everything on and counts it.
class RecordingTransport final : public protocol::ProductTransport {
 public:
  explicit RecordingTransport(protocol::ProductTransport& server) : server_{&server} {}

  Result<SharedBytes> exchange(SharedBytes request) override {
    {
      const std::lock_guard lock{mutex_};
      if (seen_.messages == 0) first_ = Clock::now();
      ++seen_.messages;
      seen_.bytes_up += request->size();
    }
    auto reply = server_->exchange(std::move(request));
    if (reply) {
      const std::lock_guard lock{mutex_};
      seen_.bytes_down += (*reply)->size();
    }
    return reply;
  }

  /// What was seen since the last call, and when its first message came.
  std::pair<ObservedStep, Clock::time_point> take() {
    const std::lock_guard lock{mutex_};
    return {std::exchange(seen_, {}), first_};
  }

 private:
  protocol::ProductTransport* server_;
  std::mutex mutex_;
  ObservedStep seen_;
  Clock::time_point first_{};
};

Status stopped(const SiteAuditOptions& options) {
  if (options.stop == nullptr || !options.stop->load()) return {};
  return Error{Errc::cancelled, "interrupted"};
}

/// A site whose ledger charges for nobody.
Result<std::unique_ptr<federation::LocalSite>> scratch_site(
    const SiteAuditOptions& options, const model::ModelConfig& config, model::ClientWeights weights,
    federation::LocalPlan plan, model::LinearOracle& oracle, std::size_t threads,
    SentTiles tiles = SentTiles::constant) {
  plan.params.budget = std::numeric_limits<double>::infinity();
  federation::LocalSiteOptions site;
  site.config = std::make_shared<const federation::FederationConfig>(options.config);
  site.index = options.hospital;
  site.ledger = options.scratch / "site.sqlite";
  site.run = "audit";
  site.lots = federation::LotSource::secret;
  site.threads = threads;
  site.fill_passes = tiles == SentTiles::constant;
  return federation::LocalSite::create(
      std::move(site), config, std::make_shared<const model::ClientWeights>(std::move(weights)),
      std::move(plan), oracle);
}

struct Opened {
  model::ModelBundle bundle;
  federation::LocalPlan plan;
};

Result<Opened> open(const SiteAuditOptions& options) {
  HIPPOCRYPT_TRY(auto bundle, model::open_model(options.config.model.path.string()));
  HIPPOCRYPT_TRY(auto plan,
                 federation::make_local_plan(options.config, options.hospital,
                                             federation::text_codec(bundle), bundle.model.config));
  return Opened{std::move(bundle), std::move(plan)};
}

/// Evenly over the whole list, so that no part of the data set is preferred.
std::vector<DataUnit> thinned(std::vector<DataUnit> units, std::size_t most) {
  if (most == 0 || units.size() <= most) return units;
  std::vector<DataUnit> kept;
  for (std::size_t i = 0; i < most; ++i) kept.push_back(std::move(units[i * units.size() / most]));
  return kept;
}

}  // namespace

Result<MembershipScores> membership_scores(const SiteAuditOptions& options,
                                           const std::filesystem::path& adapter, std::size_t most,
                                           const std::function<void()>& on_unit) {
  HIPPOCRYPT_TRY(auto opened, open(options));
  const auto& config = options.config;
  const model::ModelConfig model_config = opened.bundle.model.config;
  auto codec = federation::text_codec(opened.bundle);
  codec.deidentify = config.privacy.deidentify;
  HIPPOCRYPT_TRY(auto notes, federation::notes_of(config, options.hospital));
  HIPPOCRYPT_TRY(auto others,
                 federation::heldout_units(std::move(notes), codec, config.training,
                                           config.privacy.unit, model_config->max_context));
  const auto members = thinned(opened.plan.data.train, most);
  others = thinned(std::move(others), most);
  if (members.size() < 2 || others.size() < 2) {
    return Error{Errc::out_of_range,
                 "membership inference needs at least two patients of each kind, trained on and "
                 "held out"};
  }
  HIPPOCRYPT_TRY(const auto tuned, model::load_lora_adapter(adapter, model_config));
  const auto after =
      federation::values_of_file(tuned, opened.plan.adapter, config.adapter.mode, model_config);
  if (!after) return Error{after.error().code, adapter.string() + ": " + after.error().detail};
  federation::EncryptionConfig plain = config.encryption;
  plain.oracle = federation::OracleKind::plain_fp32;
  plain.blind_head = false;
  HIPPOCRYPT_TRY(const auto oracle, federation::HospitalOracle::create(
                                        plain, model_config, std::move(opened.bundle.model.base),
                                        nullptr, machine_threads()));
  SiteAuditOptions local = options;
  local.config.encryption = plain;
  HIPPOCRYPT_TRY(const auto site,
                 scratch_site(local, model_config, std::move(opened.bundle.model.client),
                              std::move(opened.plan), oracle->get(), machine_threads()));
  const auto score = [&](const std::vector<DataUnit>& units,
                         std::vector<double>& scores) -> Status {
    for (const DataUnit& unit : units) {
      HIPPOCRYPT_TRY_VOID(stopped(options));
      HIPPOCRYPT_TRY(const double base,
                     site->trainer().evaluate(site->start_values(), unit.sequences));
      HIPPOCRYPT_TRY(const double with, site->trainer().evaluate(*after, unit.sequences));
      scores.push_back(base - with);
      if (on_unit) on_unit();
    }
    return {};
  };
  MembershipScores scores;
  HIPPOCRYPT_TRY_VOID(score(members, scores.trained_on));
  HIPPOCRYPT_TRY_VOID(score(others, scores.held_out));
  return scores;
}

Result<std::vector<ObservedStep>> observe_steps(const SiteAuditOptions& options, std::size_t steps,
                                                SentTiles tiles,
                                                const std::function<void()>& on_step) {
  const auto& config = options.config;
  if (!config.encryption.uses_server()) {
    return Error{Errc::unsupported, "a plain oracle sends nothing to a server"};
  }
  HIPPOCRYPT_TRY(auto opened, open(options));
  model::Model& model = opened.bundle.model;
  if (config.encryption.blind_head) model::offer_head(model);
  HIPPOCRYPT_TRY(auto residuals, federation::residuals_for(config.encryption, model, 1));
  HIPPOCRYPT_TRY(auto server, federation::start_product_server(
                                  config.encryption, config.server, config.model.path.string(),
                                  model.config, std::move(model.base)));
  protocol::InProcessTransport in_process{std::move(server.service)};
  RecordingTransport recorder{in_process};
  HIPPOCRYPT_TRY(const auto oracle,
                 federation::HospitalOracle::create(config.encryption, model.config, {}, &recorder,
                                                    1, std::move(residuals)));
  HIPPOCRYPT_TRY(const auto site, scratch_site(options, model.config, std::move(model.client),
                                               std::move(opened.plan), oracle->get(), 1, tiles));
  const bool is_constant = tiles == SentTiles::constant;
  oracle->set_capacity(
      is_constant ? federation::step_room(config.training, config.encryption).pass_tokens : 0);
  static_cast<void>(recorder.take());  // what set-up exchanged
  std::vector<ObservedStep> observed;
  std::vector<Clock::time_point> starts;
  std::vector<float> values = site->start_values();
  static const std::atomic<bool> never{false};
  // One step more, whose first message ends the last one's time.
  HIPPOCRYPT_TRY_VOID(site->trainer().take_steps({1, 0, steps + 1}, values,
                                                 options.stop != nullptr ? *options.stop : never,
                                                 [&](const federation::StepReport& report) {
                                                   auto [step, first] = recorder.take();
                                                   step.lot = report.tokens;
                                                   observed.push_back(step);
                                                   starts.push_back(first);
                                                   if (on_step) on_step();
                                                 }));
  for (std::size_t i = 0; i + 1 < observed.size(); ++i) {
    observed[i].seconds = std::chrono::duration<double>(starts[i + 1] - starts[i]).count();
  }
  observed.pop_back();
  return observed;
}

}  // namespace hippocrypt::cli
