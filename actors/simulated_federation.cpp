#include "actors/simulated_federation.hpp"

#include <algorithm>
#include <caf/all.hpp>

#include "actors/aggregator_spec.hpp"
#include "actors/blind_server.hpp"
#include "actors/hospital_spec.hpp"
#include "actors/secure_federation.hpp"

namespace hippocrypt::actors {
namespace {

using federation::FederationConfig;

federation::CrashHook hook_of(const SimulationOptions& options, const std::string& who) {
  if (!options.on_point) return {};
  return [hook = options.on_point, who](std::string_view point, std::uint64_t round) {
    hook(who, point, round);
  };
}

Result<std::shared_ptr<AggregatorSpec>> aggregator_spec(const FederationParts& parts,
                                                        const SecureFederation* secure) {
  return make_aggregator_spec({parts.options.config, parts.start.model_config, parts.start.adapter,
                               parts.journal, secure != nullptr ? &secure->terms : nullptr,
                               parts.observer, parts.options.restart_hospitals,
                               hook_of(parts.options, "aggregator")});
}

/// What every start of a hospital needs; the run's options are a copy.
HospitalSpawner::SpecOf hospital_specs(const FederationParts& parts, const BlindServerActor& server,
                                       const AggregatorActor& aggregator,
                                       const std::shared_ptr<const SecureFederation>& secure) {
  return [options = parts.options,
          config = std::make_shared<const FederationConfig>(parts.options.config),
          folder = parts.run_folder, model = parts.start.model, notes = parts.start.notes,
          slots = parts.start.slots, workspace = std::make_shared<privacy::PldWorkspace>(),
          observer = parts.observer, server, aggregator, secure](std::size_t i) {
    const std::string& name = config->hospitals[i].name;
    auto spec = make_hospital_spec(config, i, folder);
    spec->options.model = model;
    spec->options.notes = notes[i];
    spec->options.slots = slots;
    spec->options.workspace = workspace;
    spec->options.random = make_random(options.random, name);
    spec->options.on_point = hook_of(options, name);
    if (secure) {
      spec->secure = secure->runs[i];
      spec->secure_random = make_random(options.random, name + ", secure aggregation");
    }
    spec->server = server;
    spec->aggregator = aggregator;
    spec->observer = observer;
    spec->stop = options.stop;
    return spec;
  };
}

/// Whether anything happens between the hospital and the aggregator.
bool needs_link(const federation::SiteConfig& site) {
  return site.link_mbit > 0 || site.link_ms > 0 ||
         std::any_of(site.failures.begin(), site.failures.end(), [](const auto& failure) {
           return failure.kind != federation::FailureKind::slow;
         });
}

template <class Handle>
void end_actor(const Handle& actor) {
  if (actor) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

}  // namespace

void HospitalSpawner::spawn_hospital(std::size_t index) {
  const std::lock_guard lock{mutex_};
  if (ending_) return;
  auto first = spec_of_(index);
  const auto& site = first->options.config->hospitals[index].site;
  if (needs_link(site)) {
    // The link starts its hospital, and starts it again if the script says so.
    const auto spawn = [system = &system_, spec_of = spec_of_, index](const AggregatorActor& link) {
      auto spec = spec_of(index);
      spec->aggregator = link;
      return caf::actor_cast<HospitalActor>(system->spawn(hospital_client, std::move(spec)));
    };
    links_.push_back(system_.spawn(
        simulated_link,
        std::make_shared<LinkSpec>(LinkSpec{site, first->aggregator, spawn, rounds_over_})));
    return;
  }
  all_[index] = caf::actor_cast<HospitalActor>(system_.spawn(hospital_client, std::move(first)));
  if (!restarts_) return;
  caf::actor_cast<caf::actor>(all_[index])
      ->attach_functor([self = shared_from_this(), index](const caf::error& reason) {
        if (reason == caf::sec::runtime_error) self->spawn_hospital(index);
      });
}

void HospitalSpawner::end() {
  const std::lock_guard lock{mutex_};
  ending_ = true;
  for (const auto& link : links_) end_actor(link);
  for (const auto& hospital : all_) end_actor(hospital);
}

Result<std::unique_ptr<SimulatedFederation>> SimulatedFederation::create(
    caf::actor_system& system, const FederationParts& parts) {
  const auto& config = parts.options.config;
  std::shared_ptr<const SecureFederation> secure;
  if (config.masks_sums()) {
    HIPPOCRYPT_TRY(secure,
                   SecureFederation::create(config, parts.run_folder, parts.options.random));
  }
  tell_note(parts.options, "aggregator", describe(secure ? &secure->terms : nullptr));
  HIPPOCRYPT_TRY(auto spec, aggregator_spec(parts, secure.get()));
  std::unique_ptr<SimulatedFederation> all{new SimulatedFederation};
  all->aggregator_ = system.spawn(fedavg_aggregator, std::move(spec));
  if (parts.start.service != nullptr) {
    all->server_ = system.spawn<caf::detached>(blind_server, parts.start.service);
  }
  all->hospitals_ = std::make_shared<HospitalSpawner>(
      system, config.hospitals.size(),
      hospital_specs(parts, all->server_, all->aggregator_, secure),
      parts.options.restart_hospitals);
  all->hospitals_->set_rounds_over(parts.rounds_over);
  for (std::size_t i = 0; i < config.hospitals.size(); ++i) all->hospitals_->spawn_hospital(i);
  return all;
}

SimulatedFederation::~SimulatedFederation() {
  if (hospitals_) hospitals_->end();
  end_actor(aggregator_);
  end_actor(server_);
}

}  // namespace hippocrypt::actors
