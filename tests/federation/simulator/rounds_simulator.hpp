#pragma once
// A whole federation in simulated time: a coordinator and its shell, hospitals, and a network that
// drops, repeats, reorders and delays messages. Hospitals are slow, restart, lose their connection
// or die; the aggregator is killed between any two effects and goes on from what was persisted.
// Everything follows from the scenario's seed.

#include <memory>

#include "federation/aggregator/round_coordinator.hpp"
#include "tests/federation/simulator/auditor.hpp"
#include "tests/federation/simulator/event_queue.hpp"
#include "tests/federation/simulator/scenario.hpp"
#include "tests/federation/simulator/simulated_hospital.hpp"

namespace hippocrypt::federation::simulator {

class RoundsSimulator {
 public:
  explicit RoundsSimulator(Scenario scenario);
  /// Until the run ends, has stopped 100 times, or far too much time.
  Outcome run();
  /// Called whenever a round is over, with its number.
  std::function<void(std::uint32_t)> on_round = [](std::uint32_t) {};

 private:
  struct Site {
    std::unique_ptr<SimulatedHospital> hospital;
    bool connected = false;  ///< as far as the hospital knows
    bool dead = false;
    double dies_at = -1;
  };

  void make_hospitals();
  SimulatedHospital::Uplink uplink_of(std::uint32_t index);
  void connect(std::uint32_t index);
  void disconnect(std::uint32_t index, const char* why);
  void live(std::uint32_t index);
  void suffer(std::uint32_t index);
  /// Counts a message that hospital 0 sends or gets; true if it is killed before.
  bool is_struck(std::uint32_t index);

  /// Delivers after a while, perhaps not at all or twice.
  void travel(std::function<void()> deliver);
  void to_hospital(const std::string& name, std::function<void(SimulatedHospital&)> deliver);
  template <class Message>
  void broadcast(const std::vector<std::string>& to, const Message& message);

  void boot();
  void crash();
  double local_now() const { return events_.now() - booted_; }
  void take_in(const std::function<Effects()>& event);
  bool carry_out(const Effect& effect);
  void persist(const Effect& effect);
  void send(const Effect& effect);
  void note(const Effect& effect);
  CoordinatorConfig config() const;
  CollectorFactory collectors() const;

  Scenario scenario_;
  Outcome outcome_;
  EventQueue events_;
  SeededSequence dice_;
  Auditor auditor_;
  std::shared_ptr<const SecAggWorld> world_;  ///< with secure aggregation
  std::vector<Site> sites_;
  std::unique_ptr<RoundCoordinator> core_;
  std::uint64_t boot_count_ = 0;
  double booted_ = 0;
  std::optional<SavedRun> saved_;  ///< what is durable
  bool over_ = false;
};

/// The scenario's outcome.
Outcome simulate(const Scenario& scenario);

}  // namespace hippocrypt::federation::simulator
