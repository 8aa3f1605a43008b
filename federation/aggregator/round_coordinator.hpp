#pragma once
// Seam F: the aggregator's rules as a pure state machine. Events in, effects out; no actor, clock
// or I/O inside, so that a test can play any interleaving.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "federation/common/messages.hpp"

namespace hippocrypt::federation {

struct CoordinatorConfig {
  std::vector<std::string> hospitals;  ///< who must join before round 1, in the order of summation
  std::uint32_t rounds = 1;
};

/// Write the new global vector durably, before anybody hears of it.
struct PersistGlobal {
  std::uint32_t round;  ///< rounds completed; 0 is the start
  std::vector<float> values;
};
/// Send the round's start to every hospital named.
struct StartRound {
  std::uint32_t round;  ///< from 1
  std::vector<std::string> to;
  std::vector<float> values;
};
/// What became of a round.
struct RoundClosed {
  std::uint32_t round;
  std::vector<std::string> contributed;
  std::map<std::string, std::string> absent;  ///< hospital → cause
};
/// Send the final adapter to every hospital that is left; the run is over.
struct Finish {
  std::vector<std::string> to;
  std::vector<float> values;
};
/// A message that the rules do not allow; nothing changed.
struct Refused {
  std::string hospital;
  Error error;
};

using Effect = std::variant<PersistGlobal, StartRound, RoundClosed, Finish, Refused>;

class RoundCoordinator {
 public:
  RoundCoordinator(CoordinatorConfig config, std::vector<float> initial);

  /// When everybody has joined, round 1 starts.
  std::vector<Effect> on_join(const std::string& hospital);
  /// Counts once per hospital and round. Of another round, a second time or from a stranger it is
  /// refused and changes nothing; with another length or a value that is no number it is refused
  /// and the hospital counts as absent. When nobody is awaited any more the round closes.
  std::vector<Effect> on_update(const Update& update);
  /// The hospital is gone: the round no longer waits for it.
  std::vector<Effect> on_lost(const std::string& hospital, const std::string& cause);

  std::uint32_t round() const { return round_; }
  bool finished() const { return finished_; }
  const std::vector<float>& global() const { return global_; }

 private:
  struct Site {
    bool joined = false;
    bool lost = false;
    bool answered = false;
    std::vector<float> update;  ///< empty unless it contributes to this round
    std::string absence;
  };
  std::optional<Error> find_fault(const std::vector<float>& values) const;
  std::vector<std::string> reachable() const;
  void start_when_complete(std::vector<Effect>& effects);
  void start_round(std::vector<Effect>& effects);
  void close_round_if_complete(std::vector<Effect>& effects);

  CoordinatorConfig config_;
  std::map<std::string, Site> sites_;
  std::vector<float> global_;
  std::uint32_t round_ = 0;
  bool finished_ = false;
};

}  // namespace hippocrypt::federation
