#include "federation/report/round_event.hpp"

namespace hippocrypt::federation::metrics {

Round round_of(const RoundSummary& summary) {
  Round round;
  round.round = summary.round;
  round.attempt = summary.attempt;
  round.outcome = to_string(summary.outcome);
  round.contributed = summary.contributed;
  for (const auto& absence : summary.absent) {
    round.absent[absence.hospital] = {to_string(absence.cause), absence.detail};
  }
  round.note = summary.note;
  round.seconds = summary.seconds;
  return round;
}

}  // namespace hippocrypt::federation::metrics
