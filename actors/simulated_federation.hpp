#pragma once
// Internal to actors/simulation: the actors of one federation.

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "actors/fedavg_aggregator.hpp"
#include "actors/hospital_client.hpp"
#include "actors/simulated_link.hpp"
#include "actors/simulation_start.hpp"

namespace hippocrypt::actors {

/// What a run is made of, besides what everybody starts from.
struct FederationParts {
  const SimulationOptions& options;
  std::filesystem::path run_folder;
  const SharedStart& start;
  std::shared_ptr<federation::RunJournal> journal;  ///< to go on from, if anything is in it
  caf::actor observer;
  std::shared_ptr<const std::atomic<std::uint32_t>> rounds_over;  ///< as far as it has heard
};

/// Starts a run's hospitals, and again those whose actor came to grief.
class HospitalSpawner : public std::enable_shared_from_this<HospitalSpawner> {
 public:
  using SpecOf = std::function<std::shared_ptr<HospitalSpec>(std::size_t index)>;
  HospitalSpawner(caf::actor_system& system, std::size_t hospitals, SpecOf spec_of, bool restarts)
      : system_{system}, spec_of_{std::move(spec_of)}, restarts_{restarts}, all_(hospitals) {}
  /// Before any is spawned.
  void set_rounds_over(std::shared_ptr<const std::atomic<std::uint32_t>> rounds_over) {
    rounds_over_ = std::move(rounds_over);
  }

  void spawn_hospital(std::size_t index);
  /// Ends all of them, for good.
  void end();

 private:
  caf::actor_system& system_;
  SpecOf spec_of_;
  bool restarts_;
  std::mutex mutex_;
  bool ending_ = false;
  std::vector<HospitalActor> all_;
  std::vector<LinkActor> links_;
  std::shared_ptr<const std::atomic<std::uint32_t>> rounds_over_;
};

/// Ends its actors when it dies.
class SimulatedFederation {
 public:
  /// Errors: those of RunJournal::load, of secagg::Params and of identity keys.
  static Result<std::unique_ptr<SimulatedFederation>> create(caf::actor_system& system,
                                                             const FederationParts& parts);
  ~SimulatedFederation();
  SimulatedFederation(const SimulatedFederation&) = delete;
  SimulatedFederation& operator=(const SimulatedFederation&) = delete;

  const AggregatorActor& aggregator() const { return aggregator_; }

 private:
  SimulatedFederation() = default;
  AggregatorActor aggregator_;
  BlindServerActor server_;
  std::shared_ptr<HospitalSpawner> hospitals_;
};

}  // namespace hippocrypt::actors
