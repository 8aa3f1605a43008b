#pragma once
// What a line of a run's metrics.jsonl says (README.md has the format). The same events feed the
// console and the metrics page of a simulation.

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace hippocrypt::federation::metrics {

inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// Of the lines as a whole; every run_start says it.
inline constexpr std::uint64_t format_version = 1;

/// A run begins, or goes on after it was stopped.
struct RunStart {
  std::string oracle;
  std::uint32_t rounds_planned = 0;
  std::uint32_t steps_per_round = 0;
  std::uint32_t first_round = 1;  ///< above 1: a resumed run
  std::string unit;               ///< of privacy: patient or note
  double delta = 0;
  std::map<std::string, double> budgets;        ///< hospital → epsilon; may be infinite
  std::map<std::string, std::string> settings;  ///< key of the configuration → value, as text
};

/// A local training step of a hospital.
struct Step {
  std::string hospital;
  std::uint32_t round = 0;
  std::uint32_t step = 0;
  double loss = unknown;  ///< mean over the lot's units; unknown for an empty lot
};

/// Why a hospital is not in a round.
struct Absence {
  std::string cause;   ///< one word or two, as federation::AbsenceCause has them
  std::string detail;  ///< for people; may be empty
};

/// An attempt of a round has ended.
struct Round {
  std::uint32_t round = 0;
  std::uint32_t attempt = 1;
  std::string outcome;  ///< closed, retried or skipped, as federation::RoundOutcome has them
  std::vector<std::string> contributed;
  std::map<std::string, Absence> absent;  ///< by hospital
  std::string note;                       ///< what else there is to say, as on secure aggregation
  double seconds = unknown;
  std::uint64_t bytes_up = 0, bytes_down = 0;  ///< all hospitals; without heartbeats
  double loss = unknown;                       ///< mean of the training losses
  double heldout_loss = unknown;               ///< mean of the hospitals' that looked
  double aggregation_error = unknown;          ///< relative, of plain FedAvg over both factors
  std::uint64_t resident_bytes = 0;            ///< of the process

  /// It gave a new global adapter.
  bool is_closed() const { return outcome == "closed"; }
};

/// A hospital's part in a round. Known to a simulation's observer only: in a real federation these
/// figures stay at the hospital.
struct Hospital {
  std::string hospital;
  std::uint32_t round = 0;
  std::string status;  ///< "contributed", or the cause of its absence
  std::string detail;
  double seconds = unknown;
  double epsilon = unknown;  ///< spent, with all that is on record for the data set
  double delta = unknown;    ///< of that epsilon, all parts together
  double budget = unknown;   ///< may be infinite
  std::uint64_t bytes_up = 0, bytes_down = 0;  ///< to and from the blind server
  double loss = unknown;                       ///< mean of the round's training losses
  double heldout_loss = unknown;               ///< of the adapter that the round began with
  std::uint64_t steps = 0;                     ///< of the run, this round's included
};

/// A sentence for people.
struct Note {
  std::string source;
  std::uint32_t round = 0;  ///< 0: of none
  std::string text;
};

struct RunEnd {
  std::string status;  ///< finished, interrupted or failed
  std::string cause;
  std::map<std::string, std::string> failing;  ///< hospital → cause
  std::string adapter;                         ///< folder, empty while there is none
  std::uint32_t rounds = 0;                    ///< completed
  double seconds = unknown;
};

using Event = std::variant<RunStart, Step, Round, Hospital, Note, RunEnd>;

}  // namespace hippocrypt::federation::metrics
