#include "actors/processes/aggregator_process.hpp"

#include <fmt/format.h>

#include <caf/all.hpp>
#include <ctime>
#include <map>
#include <mutex>
#include <set>

#include "actors/actor_threads.hpp"
#include "actors/gateways/hospital_ingress.hpp"
#include "actors/gateways/notes.hpp"
#include "actors/processes/members.hpp"
#include "actors/run_observer.hpp"
#include "base/plain_name.hpp"
#include "federation/adapter/adapter_factory.hpp"
#include "federation/common/site_messages.hpp"
#include "federation/report/budget_keeper.hpp"
#include "federation/report/run_start.hpp"
#include "model/files/open_weights.hpp"

namespace hippocrypt::actors {
namespace {

using Clock = std::chrono::steady_clock;

/// How long sessions may take to end once they were told to.
constexpr std::chrono::seconds patience{5};

/// Who may come in; the list can change while the run goes on.
class AllowList {
 public:
  explicit AllowList(Members members) : members_{std::move(members)} {}
  Status admit(const net::PeerInfo& peer) const {
    const std::lock_guard lock{mutex_};
    if (members_.hold(peer.certificate_der)) return {};
    return Error{Errc::mismatch, "the certificate of " + net::to_uri(peer.certificate.identity) +
                                     " is none of this run's hospitals"};
  }
  /// Errors: mismatch (a hospital has another signing key than at the start).
  Status replace(Members members) {
    const std::lock_guard lock{mutex_};
    for (std::size_t i = 0; i < members.facts.size(); ++i) {
      if (members.facts[i].signing_key == members_.facts[i].signing_key) continue;
      return Error{Errc::mismatch, "hospital " + members.facts[i].identity.name +
                                       " has a new signing key, which only a new run can use"};
    }
    members_ = std::move(members);
    return {};
  }

 private:
  mutable std::mutex mutex_;
  Members members_;
};

struct Start {
  model::ModelConfig model_config;
  model::LoraAdapter adapter;
  Members members;
};

Result<Members> members_of(const AggregatorProcessOptions& options) {
  const auto& tls = options.listen.tls;
  HIPPOCRYPT_TRY(const auto authority, net::TrustAnchor::load(tls.authority, tls.revoked));
  return load_members(options.config, options.certificates, authority);
}

Result<Start> make_start(const AggregatorProcessOptions& options) {
  HIPPOCRYPT_TRY(auto members, members_of(options));
  HIPPOCRYPT_TRY(auto model_config, model::open_config(options.config.model.path.string()));
  HIPPOCRYPT_TRY(auto adapter, federation::make_initial_adapter(options.config, model_config));
  return Start{std::move(model_config), std::move(adapter), std::move(members)};
}

/// The actors and the listener of a run; ends them when it dies.
class Aggregation {
 public:
  Aggregation(caf::actor_system& system, caf::actor observer)
      : system_{system}, observer_{std::move(observer)} {}
  ~Aggregation() {
    listener_.reset();
    ingress_.reset();
    if (aggregator_) caf::anon_send_exit(aggregator_, caf::exit_reason::user_shutdown);
  }
  Aggregation(const Aggregation&) = delete;
  Aggregation& operator=(const Aggregation&) = delete;

  Status start(const AggregatorProcessOptions& options, const Start& start, const OpenRun& run) {
    const RunResult& result = run.result;
    const auto& config = options.config;
    HIPPOCRYPT_TRY(const auto terms, secure_terms(config, start.members, result.record.run));
    HIPPOCRYPT_TRY(auto spec,
                   make_aggregator_spec({config, start.model_config, start.adapter, run.journal,
                                         terms.get(), observer_, true, options.on_point}));
    aggregator_ = system_.spawn(fedavg_aggregator, std::move(spec));
    tell(describe(terms.get()));
    const federation::Welcome welcome{result.record.run, federation::federation_settings(config),
                                      start.members.certificates};
    ingress_ = std::make_shared<HospitalIngress>(
        HospitalIngress::Parts{system_, aggregator_, frame_of(welcome), observer_});
    allowed_ = std::make_shared<AllowList>(start.members);
    auto listen = options.listen;
    listen.admit = [allowed = allowed_](const net::PeerInfo& peer) { return allowed->admit(peer); };
    HIPPOCRYPT_TRY(listener_, net::Listener::start(std::move(listen), ingress_));
    return {};
  }

  const AggregatorActor& aggregator() const { return aggregator_; }
  HospitalIngress& ingress() { return *ingress_; }
  std::uint16_t port() const { return listener_->port(); }

  /// What cannot be read stays as it was.
  void reload(const AggregatorProcessOptions& options) {
    auto status = listener_->reload();
    if (status) {
      auto members = members_of(options);
      status = members ? allowed_->replace(std::move(members).value()) : members.error();
    }
    tell(status ? "certificates and revocation list were read again"
                : "certificates stay as they were: " + to_string(status.error()));
  }

  void tell(std::string text) { tell_note(observer_, "aggregator", std::move(text)); }

 private:
  caf::actor_system& system_;
  caf::actor observer_;
  AggregatorActor aggregator_;
  std::shared_ptr<HospitalIngress> ingress_;
  std::shared_ptr<AllowList> allowed_;
  std::unique_ptr<net::Listener> listener_;
};

/// Runs of one name must not be taken for each other, even by a hospital that has kept one whose
/// folder is gone here: "trial-20261127T150102".
std::string name_of_new_run(const std::string& name) {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char stamp[24];
  const std::size_t size = std::strftime(stamp, sizeof stamp, "-%Y%m%dT%H%M%S", &utc);
  return name.substr(0, max_plain_name_bytes - 2 * sizeof stamp) + std::string{stamp, size};
}

Result<OpenRun> open_own_run(const AggregatorProcessOptions& options) {
  auto config = options.config;
  config.run.name = name_of_new_run(config.run.name);
  HIPPOCRYPT_TRY(auto run, open_run(config, federation::federation_settings(config), options.runs,
                                    options.resume));
  auto& record = run.result.record;
  for (auto& hospital : record.hospitals) hospital.ledger.clear();  // it stays there
  HIPPOCRYPT_TRY_VOID(federation::save_run_record(run.result.run_folder, record));
  return run;
}

std::map<std::string, federation::secagg::PublicIdentity> keys_of(const Members& members) {
  std::map<std::string, federation::secagg::PublicIdentity> keys;
  for (const auto& member : members.facts) {
    if (member.signing_key) keys.emplace(member.identity.name, *member.signing_key);
  }
  return keys;
}

/// How a run ended; the first is the rule.
enum class Ending : std::uint8_t { finished, failed, stopped };

class Watch {
 public:
  Watch(caf::scoped_actor& self, const AggregatorProcessOptions& options, const Start& start,
        const RunResult& run, Aggregation& aggregation, RunObserver& observer)
      : self_{self},
        options_{options},
        budgets_{run.run_folder, run.record, keys_of(start.members)},
        aggregation_{aggregation},
        observer_{observer} {}

  /// Until the last round is over and everybody knows.
  Ending hold_run() {
    while (!observer_.final_adapter()) {
      if (*options_.stop) return stop();
      if (!observer_.aggregator_failure().empty()) return fail();
      hear();
    }
    const auto until = Clock::now() + options_.farewell;
    while (!everybody_is_done() && Clock::now() < until && !*options_.stop) hear();
    hear_the_rest();
    return observer_.aggregator_failure().empty() ? Ending::finished : Ending::failed;
  }

 private:
  void hear() {
    if (options_.reload != nullptr && options_.reload->exchange(false)) {
      aggregation_.reload(options_);
    }
    self_->receive([this](deliver_atom, const Frame& frame) { hear(*frame.bytes); },
                   [this](const caf::down_msg& down) {
                     observer_.lose_aggregator(self_->system().render(down.reason));
                   },
                   caf::after(std::chrono::milliseconds{100}) >> [] {});
  }
  void hear_the_rest() {
    for (bool is_over = false; !is_over;) {
      self_->receive([this](deliver_atom, const Frame& frame) { hear(*frame.bytes); },
                     [](const caf::down_msg&) {},
                     caf::after(std::chrono::seconds{0}) >> [&is_over] { is_over = true; });
    }
  }
  /// Statements on budgets have been checked by the gateway of their hospital.
  void hear(ByteView frame) {
    const auto statement = federation::decode_budget_statement(frame);
    if (!statement) return observer_.hear(frame);
    const auto kept = budgets_.keep(*statement);
    if (!kept && has_lost_.insert(statement->hospital).second) {
      aggregation_.tell("a reported budget is lost: " + to_string(kept.error()));
    }
  }
  bool everybody_is_done() const {
    return aggregation_.ingress().done().size() == options_.config.hospitals.size();
  }
  /// The hospitals have heard why; they leave.
  void wait_for_leave() {
    const auto until = Clock::now() + patience;
    while (!aggregation_.ingress().present().empty() && Clock::now() < until) hear();
  }
  Ending stop() {
    aggregation_.ingress().stop("the aggregator was stopped; it will go on with the same run");
    wait_for_leave();
    return Ending::stopped;
  }
  Ending fail() {
    aggregation_.ingress().stop(observer_.aggregator_failure());
    wait_for_leave();
    return Ending::failed;
  }

  caf::scoped_actor& self_;
  const AggregatorProcessOptions& options_;
  federation::BudgetKeeper budgets_;
  std::set<std::string> has_lost_;  ///< hospitals of which a statement was not kept; said once
  Aggregation& aggregation_;
  RunObserver& observer_;
};

Result<Ending> hold_run(const AggregatorProcessOptions& options, const Start& start,
                        const OpenRun& run, RunObserver& observer) {
  caf::actor_system_config system_config;
  caf::actor_system system{with_few_threads(system_config)};  // waits for its actors when it dies
  caf::scoped_actor self{system};
  Aggregation aggregation{system, caf::actor_cast<caf::actor>(self)};
  HIPPOCRYPT_TRY_VOID(aggregation.start(options, start, run));
  self->monitor(aggregation.aggregator());
  if (options.on_listening) options.on_listening(aggregation.port());
  return Watch{self, options, start, run.result, aggregation, observer}.hold_run();
}

Status conclude(const AggregatorProcessOptions& options, const Start& start, Ending ending,
                const RunObserver& observer, RunResult& result) {
  auto& record = result.record;
  if (ending == Ending::stopped) {
    record.status = federation::RunStatus::interrupted;
    return Error{Errc::cancelled,
                 fmt::format("stopped by the user after {} of {} rounds; they are kept in {}",
                             record.rounds, record.rounds_planned, result.run_folder.string())};
  }
  record.status = federation::RunStatus::failed;  // until the end
  if (ending == Ending::failed) {
    return Error{Errc::unavailable, "the run stopped: " + observer.aggregator_failure()};
  }
  const auto folder = result.run_folder / "adapter";
  HIPPOCRYPT_TRY_VOID(
      write_adapter(options.config, start.adapter, *observer.final_adapter(), folder));
  record.adapter = folder.string();
  record.rounds = record.rounds_planned;  // an earlier process may have held some
  record.status = federation::RunStatus::finished;
  return {};
}

}  // namespace

Result<RunResult> run_aggregator(const AggregatorProcessOptions& options) {
  const auto began = Clock::now();
  static const std::atomic<bool> never{false};
  AggregatorProcessOptions own = options;
  if (own.stop == nullptr) own.stop = &never;
  HIPPOCRYPT_TRY(const auto start, make_start(own));
  HIPPOCRYPT_TRY(OpenRun run, open_own_run(own));
  RunResult& result = run.result;
  auto& record = result.record;
  if (own.on_run_folder) HIPPOCRYPT_TRY_VOID(own.on_run_folder(result.run_folder));
  RunObserver observer{result.run_folder, record, {own.on_progress, own.on_event}};
  observer.begin(federation::metrics::run_start(own.config, record.rounds + 1));
  const auto ending = hold_run(own, start, run, observer);
  record.seconds += std::chrono::duration<double>(Clock::now() - began).count();
  Status outcome;
  if (ending) {
    outcome = conclude(own, start, *ending, observer, result);
  } else {
    record.status = federation::RunStatus::failed;
    outcome = ending.error();
  }
  observer.end(outcome ? std::string{} : outcome.error().detail);
  HIPPOCRYPT_TRY_VOID(federation::save_run_record(result.run_folder, record));
  if (!outcome) return std::move(outcome).error();
  return std::move(result);
}

}  // namespace hippocrypt::actors
