#pragma once
// How a round's contributions become the next global vector. A strategy is arithmetic: it knows
// neither time nor who was awaited.

#include <limits>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "federation/aggregator/strategies/contributions.hpp"

namespace hippocrypt::federation {

class Strategy {
 public:
  virtual ~Strategy() = default;

  /// global (d) and a round's contributions, at least one → the next global vector (d). On an error
  /// the strategy is as it was. Errors: mismatch (an update of another length), not_finite, and
  /// what a strategy adds.
  virtual Result<std::vector<float>> apply(std::span<const float> global,
                                           const Contributions& contributions) = 0;

  /// For people, in the summary of the round that was applied last; may be empty.
  virtual std::string note() const { return {}; }

  /// What averaging both LoRA factors got wrong in the round that was applied last, relative to the
  /// products; NaN where nobody measures it (MeasuredStrategy does).
  virtual double measured_error() const { return std::numeric_limits<double>::quiet_NaN(); }

  /// What it carries from round to round (moments, control variates); kept with the global vector.
  virtual Bytes save() const { return {}; }
  /// As it was when it saved `state`. Errors: malformed, unsupported (another
  /// version).
  virtual Status restore(ByteView state) {
    if (state.empty()) return {};
    return Error{Errc::malformed, "the saved state belongs to another strategy"};
  }
};

}  // namespace hippocrypt::federation
