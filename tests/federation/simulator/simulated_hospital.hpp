#pragma once
// A hospital of the simulator: what it has trained survives a restart, and is sent again as it was.

#include <functional>
#include <optional>

#include "base/random.hpp"
#include "federation/common/messages.hpp"
#include "federation/common/round_messages.hpp"
#include "tests/federation/simulator/event_queue.hpp"
#include "tests/federation/simulator/scenario.hpp"
#include "tests/federation/simulator/secagg_talk.hpp"

namespace hippocrypt::federation::simulator {

class SimulatedHospital {
 public:
  /// To the aggregator; what the link makes of it is not the hospital's business.
  struct Uplink {
    std::function<void()> join;
    std::function<void(Update)> update;
    std::function<void(RoundMessage)> message;
    std::function<void(Heartbeat)> heartbeat;
    std::function<void(std::string)> violation;
  };
  /// `world` with secure aggregation.
  SimulatedHospital(const Scenario& scenario, std::uint32_t index, EventQueue& events,
                    Uplink uplink, std::shared_ptr<const SecAggWorld> world);

  bool up() const { return up_; }
  void kill() {
    up_ = false;
    ++life_;
  }
  void restart();
  void hear(const RoundStart& start);
  void hear(const RoundMessage& message);
  void beat();

 private:
  enum class Answer : std::uint8_t { contributes, sits_out, fails, faulty };

  Answer choose() const;
  void train(std::uint32_t round);
  void answer();
  void answer_masked(const std::vector<float>& values, bool faulty);
  RoundMessage message_of(RoundMessageKind kind, std::uint32_t round, std::uint32_t attempt) const;

  const Scenario& scenario_;
  std::uint32_t index_;
  std::string name_;
  EventQueue& events_;
  Uplink uplink_;
  std::optional<SecAggTalk> secagg_;
  // Durable.
  std::uint32_t trained_ = 0;  ///< newest round
  struct Unmasked {
    std::uint32_t round, attempt;
    Bytes survivors;
  };
  std::optional<Unmasked> unmasked_;
  // Lost at a restart.
  bool up_ = true;
  std::uint64_t life_ = 0;
  std::uint32_t round_ = 0, attempt_ = 0;
  std::uint32_t training_ = 0;  ///< round; 0: none
  bool book_ = false;           ///< of this attempt has come
};

}  // namespace hippocrypt::federation::simulator
