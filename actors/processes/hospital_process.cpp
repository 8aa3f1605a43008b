#include "actors/processes/hospital_process.hpp"

#include <fmt/format.h>

#include <caf/all.hpp>
#include <chrono>

#include "actors/actor_threads.hpp"
#include "actors/gateways/aggregator_gateway.hpp"
#include "actors/gateways/notes.hpp"
#include "actors/hospital_spec.hpp"
#include "actors/processes/members.hpp"
#include "actors/run_observer.hpp"
#include "base/plain_name.hpp"
#include "federation/adapter/adapter_factory.hpp"
#include "federation/common/round_messages.hpp"
#include "federation/common/site_messages.hpp"
#include "federation/report/run_start.hpp"
#include "model/files/open_weights.hpp"

namespace hippocrypt::actors {
namespace {

using Clock = std::chrono::steady_clock;
using federation::Welcome;

/// The federation's hospital, and what of it this process decides.
struct Own {
  const HospitalProcessOptions& options;
  const federation::HospitalConfig& hospital;
  net::TrustAnchor authority;
  std::shared_ptr<const federation::secagg::IdentityKey> identity;
};

Result<Own> make_own(const HospitalProcessOptions& options) {
  const auto& tls = options.aggregator.tls;
  HIPPOCRYPT_TRY(auto authority, net::TrustAnchor::load(tls.authority, tls.revoked));
  if (options.config.encryption.uses_server() && options.servers.empty()) {
    return Error{Errc::invalid_config,
                 "the federation's oracle needs blind servers, and this "
                 "hospital's file has no [[server]] section"};
  }
  HIPPOCRYPT_CHECK(options.hints != nullptr || !options.config.encryption.uses_server());
  auto key = federation::secagg::IdentityKey::load(options.signing_key);
  if (!key && key.error().code == Errc::not_found) {
    return Error{Errc::not_found, options.signing_key.string() +
                                      ": no such file; it is the signing key that `hippocrypt "
                                      "provision request` made beside the certificate's"};
  }
  if (!key) return std::move(key).error();
  return Own{options, options.config.hospitals[options.index], std::move(authority),
             std::make_shared<const federation::secagg::IdentityKey>(std::move(*key))};
}

/// What the aggregator says is what this hospital has in its own file.
Status check_welcome(const Own& own, const Welcome& welcome) {
  if (!is_plain_name(welcome.run)) {
    return Error{Errc::malformed, "the aggregator's run has a name that is none"};
  }
  const auto settings = federation::federation_settings(own.options.config);
  const auto differs = federation::first_difference(welcome.settings, settings);
  if (!differs) return {};
  return Error{Errc::mismatch,
               fmt::format("the aggregator runs with {} = {}, and this hospital's file has {}; "
                           "everybody needs the same file of the federation",
                           differs->key, differs->first, differs->second)};
}

/// Errors: those of check_members, mismatch.
Result<std::shared_ptr<const federation::SecureRun>> secure_run(const Own& own,
                                                                const Welcome& welcome) {
  const auto& config = own.options.config;
  HIPPOCRYPT_TRY(const auto members, check_members(config, welcome.certificates, own.authority));
  if (members.facts[own.options.index].signing_key != own.identity->public_part()) {
    return Error{Errc::mismatch, own.options.signing_key.string() +
                                     " is not the signing key of this hospital's certificate; "
                                     "restore the one that it was requested with"};
  }
  HIPPOCRYPT_TRY(const auto terms, secure_terms(config, members, welcome.run));
  if (terms == nullptr) return std::shared_ptr<const federation::SecureRun>{};
  return std::make_shared<const federation::SecureRun>(
      federation::SecureRun{terms->run, own.hospital.name, terms->params, terms->roster,
                            own.identity, own.hospital.weight});
}

/// This hospital's folder of the run, whether it is new or not; what was finished stays so.
Result<RunResult> open_own_run(const Own& own, const std::string& run) {
  const auto folder = own.options.folder / run;
  auto record = federation::start_record(own.options.config, {&own.hospital, 1}, folder);
  const auto before = federation::load_run_record(folder);
  if (!before && before.error().code != Errc::not_found) return before.error();
  if (before && before->status == federation::RunStatus::finished)
    return RunResult{folder, *before};
  if (before) {
    record.rounds = before->rounds;
    record.seconds = before->seconds;
  }
  std::error_code failure;
  std::filesystem::create_directories(folder / "hospitals" / own.hospital.name, failure);
  if (failure) return Error{Errc::io, folder.string() + ": " + failure.message()};
  HIPPOCRYPT_TRY_VOID(federation::save_run_record(folder, record));
  return RunResult{folder, std::move(record)};
}

/// The connection to the aggregator and the hospital's actor; ends them when it dies.
class Participation {
 public:
  Participation(caf::actor_system& system, const Own& own)
      : system_{system}, own_{own}, self_{system}, observer_{caf::actor_cast<caf::actor>(self_)} {
    gateway_ = system_.spawn(aggregator_gateway, AggregatorGatewaySpec{observer_});
    events_ = std::make_shared<AggregatorEvents>(gateway_, observer_, own.hospital.name);
  }
  ~Participation() {
    connector_.reset();
    for (const auto& actor :
         {caf::actor_cast<caf::actor>(hospital_), caf::actor_cast<caf::actor>(gateway_)}) {
      if (actor) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    }
  }
  Participation(const Participation&) = delete;
  Participation& operator=(const Participation&) = delete;

  Status connect() {
    HIPPOCRYPT_TRY(connector_, net::Connector::start(own_.options.aggregator, events_));
    return {};
  }

  Status start_hospital(const RunResult& result,
                        const std::shared_ptr<const federation::SecureRun>& secure) {
    const auto& options = own_.options;
    const std::string& name = own_.hospital.name;
    auto spec =
        make_hospital_spec(std::make_shared<const federation::FederationConfig>(options.config),
                           options.index, result.run_folder);
    spec->options.random = make_random(options.random, name);
    spec->options.lots = options.lots;
    spec->options.on_point = options.on_point;
    spec->secure = secure;
    if (secure) spec->secure_random = make_random(options.random, name + ", secure aggregation");
    if (options.config.encryption.uses_server()) {
      ServerRoutes::Options routes;
      routes.note = [observer = observer_, name](const std::string& text) {
        tell_note(observer, name, text);
      };
      HIPPOCRYPT_TRY(servers_, ServerConnections::start(system_, options.servers, routes));
      spec->server = servers_->actor();
      spec->options.hints = options.hints;
    }
    spec->aggregator = caf::actor_cast<AggregatorActor>(gateway_);
    spec->observer = observer_;
    spec->observer_hears_aggregator = true;
    spec->stop = options.stop;
    hospital_ = system_.spawn(hospital_client, std::move(spec));
    self_->monitor(hospital_);
    return {};
  }

  /// What there is to hear, for at most a tenth of a second.
  void receive(const std::function<void(const Frame&)>& hear) {
    if (own_.options.reload != nullptr && own_.options.reload->exchange(false)) reload();
    self_->receive([&](deliver_atom, const Frame& frame) { hear(frame); },
                   [this](const caf::down_msg& down) { end_ = system_.render(down.reason); },
                   caf::after(std::chrono::milliseconds{100}) >> [] {});
  }
  /// How the hospital's actor ended, once it has; all that it had to say has been heard then.
  const std::optional<std::string>& hospital_end() const { return end_; }

  void report_budget(const federation::BudgetStatement& statement) {
    caf::anon_send(gateway_, budget_atom::value, frame_of(statement));
  }
  /// Tells the aggregator that this hospital needs nothing more, and waits until it knows.
  void say_done() {
    caf::anon_send(gateway_, close_atom::value, std::string{hospital_is_done});
    const auto until = Clock::now() + std::chrono::seconds{5};
    while (events_->is_up() && Clock::now() < until) receive([](const Frame&) {});
  }

 private:
  void reload() {
    auto status = connector_->reload();
    if (status && servers_) status = servers_->reload();
    tell_note(observer_, own_.hospital.name,
              status ? "certificate and revocation list were read again"
                     : "the certificate stays as it was: " + to_string(status.error()));
  }

  caf::actor_system& system_;
  const Own& own_;
  caf::scoped_actor self_;
  caf::actor observer_;
  AggregatorGatewayActor gateway_;
  std::shared_ptr<AggregatorEvents> events_;
  std::unique_ptr<ServerConnections> servers_;
  HospitalClientActor hospital_;
  std::optional<std::string> end_;
  std::unique_ptr<net::Connector> connector_;
};

/// Errors: cancelled, those of decode_welcome.
Result<Welcome> wait_for_welcome(const Own& own, Participation& participation) {
  std::optional<Result<Welcome>> welcome;
  while (!welcome) {
    if (*own.options.stop) return Error{Errc::cancelled, "stopped before the run began"};
    participation.receive([&](const Frame& frame) {
      if (const auto progress = federation::decode_progress(*frame.bytes)) {
        if (own.options.on_progress) own.options.on_progress(*progress);
      } else {
        welcome = federation::decode_welcome(*frame.bytes);
      }
    });
  }
  return std::move(*welcome);
}

/// Until the hospital's actor has ended. Errors: cancelled, unavailable (the run stopped), those of
/// check_welcome, mismatch (the aggregator holds another run by now).
Status take_part(const Own& own, const Welcome& first, Participation& participation,
                 RunObserver& observer) {
  Status outcome;
  while (outcome && !participation.hospital_end()) {
    if (*own.options.stop) {
      return Error{Errc::cancelled, "stopped by the user; the same command goes on with the run"};
    }
    participation.receive([&](const Frame& frame) {
      if (const auto again = federation::decode_welcome(*frame.bytes)) {
        if (again->run != first.run) {
          outcome = Error{Errc::mismatch, "the aggregator has begun another run, " + again->run};
        } else {
          outcome = check_welcome(own, *again);
        }
      } else if (const auto ended = federation::decode_run_ended(*frame.bytes)) {
        outcome = Error{Errc::unavailable,
                        "the run stopped: " + ended->reason + "; the same command goes on with it"};
      } else {
        observer.hear(*frame.bytes);
      }
    });
  }
  return outcome;
}

/// Errors: unavailable (why the hospital could not take part).
Status conclude(const Own& own, const Participation& participation, const RunObserver& observer,
                RunResult& result) {
  auto& record = result.record;
  const std::string& failure = record.hospitals.front().failure;
  if (!failure.empty()) return Error{Errc::unavailable, own.hospital.name + ": " + failure};
  if (!observer.final_adapter()) {
    return Error{Errc::unavailable, "the hospital's actor ended: " + *participation.hospital_end()};
  }
  const auto& config = own.options.config;
  HIPPOCRYPT_TRY(const auto model_config, model::open_config(config.model.path.string()));
  HIPPOCRYPT_TRY(auto start, federation::make_initial_adapter(config, model_config));
  const auto folder = result.run_folder / "adapter";
  HIPPOCRYPT_TRY_VOID(write_adapter(config, std::move(start), *observer.final_adapter(), folder));
  record.adapter = folder.string();
  record.rounds = record.rounds_planned;  // an earlier process may have heard of some
  return {};
}

federation::BudgetStatement sign(const Own& own, federation::BudgetStatement statement) {
  statement.hospital = own.hospital.name;
  statement.unit = to_string(own.options.config.privacy.unit);
  statement.signature = own.identity->sign(federation::statement_bytes(statement));
  return statement;
}

/// What it has spent by the end of its part in the run, signed.
federation::BudgetStatement statement_of(const Own& own, const federation::RunRecord& record) {
  const auto& spent = record.hospitals.front();
  federation::BudgetStatement statement;
  statement.run = record.run;
  statement.round = record.rounds;
  statement.epsilon = spent.epsilon;
  statement.delta = record.delta + spent.delta_overflow;
  statement.steps = spent.steps;
  return sign(own, std::move(statement));
}

/// The same after its part in a round.
federation::BudgetStatement statement_of(const Own& own, const std::string& run,
                                         const federation::metrics::Hospital& part) {
  federation::BudgetStatement statement;
  statement.run = run;
  statement.round = part.round;
  statement.epsilon = part.epsilon;
  statement.delta = part.delta;
  statement.steps = part.steps;
  return sign(own, std::move(statement));
}

/// Whom the run's observer tells: the user, and the aggregator of every round's budget where the
/// hospital wants that. The parts outlive it.
Listeners listeners(const Own& own, const std::string& run, Participation& participation) {
  const auto& options = own.options;
  return {options.on_progress, [&](const federation::metrics::Event& event) {
            if (options.on_event) options.on_event(event);
            const auto* part = std::get_if<federation::metrics::Hospital>(&event);
            if (part == nullptr || !options.report_budget) return;
            participation.report_budget(statement_of(own, run, *part));
          }};
}

/// Of this hospital only: it knows nothing of the others.
federation::metrics::RunStart run_start(const Own& own, const RunResult& result) {
  auto start = federation::metrics::run_start(own.options.config, result.record.rounds + 1);
  start.budgets = {{own.hospital.name, own.options.config.budget_of(own.hospital)}};
  return start;
}

/// The rest of a run that this hospital may join. Errors: those of its parts.
Status hold_run(const Own& own, const Welcome& welcome, Participation& participation,
                RunObserver& observer, RunResult& result) {
  HIPPOCRYPT_TRY(const auto secure, secure_run(own, welcome));
  HIPPOCRYPT_TRY_VOID(participation.start_hospital(result, secure));
  HIPPOCRYPT_TRY_VOID(take_part(own, welcome, participation, observer));
  return conclude(own, participation, observer, result);
}

federation::RunStatus status_of(const Status& outcome) {
  if (outcome) return federation::RunStatus::finished;
  // Whatever it was, the same command may go on.
  return federation::RunStatus::interrupted;
}

Result<RunResult> take_part(const Own& own, Participation& participation) {
  const auto began = Clock::now();
  HIPPOCRYPT_TRY_VOID(participation.connect());
  HIPPOCRYPT_TRY(const auto welcome, wait_for_welcome(own, participation));
  HIPPOCRYPT_TRY_VOID(check_welcome(own, welcome));
  HIPPOCRYPT_TRY(auto result, open_own_run(own, welcome.run));
  if (result.record.status != federation::RunStatus::finished) {
    const auto& options = own.options;
    if (options.on_run_folder) HIPPOCRYPT_TRY_VOID(options.on_run_folder(result.run_folder));
    RunObserver observer{result.run_folder, result.record,
                         listeners(own, welcome.run, participation)};
    observer.begin(run_start(own, result));
    const auto outcome = hold_run(own, welcome, participation, observer, result);
    result.record.seconds += std::chrono::duration<double>(Clock::now() - began).count();
    result.record.status = status_of(outcome);
    observer.end(outcome ? std::string{} : outcome.error().detail);
    HIPPOCRYPT_TRY_VOID(federation::save_run_record(result.run_folder, result.record));
    if (!outcome) return outcome.error();
  }
  if (own.options.report_budget) participation.report_budget(statement_of(own, result.record));
  participation.say_done();
  return result;
}

}  // namespace

Result<RunResult> join_federation(const HospitalProcessOptions& options) {
  static const std::atomic<bool> never{false};
  HospitalProcessOptions own_options = options;
  if (own_options.stop == nullptr) own_options.stop = &never;
  HIPPOCRYPT_TRY(const auto own, make_own(own_options));
  caf::actor_system_config system_config;
  caf::actor_system system{with_few_threads(system_config)};  // waits for its actors when it dies
  Participation participation{system, own};
  return take_part(own, participation);
}

}  // namespace hippocrypt::actors
