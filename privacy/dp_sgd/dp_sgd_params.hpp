#pragma once
// The constants of DP-SGD. All come from the configuration: none may be derived from how many
// records a hospital has, which is itself private.

#include <cstddef>
#include <limits>
#include <memory>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "privacy/dp_sgd/clip_rule.hpp"
#include "privacy/dp_sgd/step_schedule.hpp"
#include "privacy/ledger/account_scope.hpp"
#include "privacy/ledger/ledger_entry.hpp"

namespace hippocrypt::privacy {

/// How the clip norm follows a quantile of the units' norms: C *= exp(-learning_rate * (b -
/// quantile)), b the noisy share of units within C, taken over the expected lot. The counter has
/// noise of its own, so the gradient gets more than the configured multiplier sigma, namely
/// (sigma^-2 - (2 count_noise)^-2)^(-1/2); together they cost what sigma costs.
struct AdaptiveClipParams {
  double quantile = 0.5;       ///< in [0, 1]
  double learning_rate = 0.2;  ///< in (0, 10]
  double count_noise = 10;     ///< sigma_b, in units; above noise_multiplier / 2, at most 1e9
};

struct DpSgdParams {
  double sampling_rate = 0;         ///< q in (0, 1]: probability that a unit enters a lot
  double noise_multiplier = 0;      ///< sigma in [0, 1e9]; 0 (no privacy) needs an infinite budget
  double clip = 0;                  ///< C in (0, 1e30]: norm of one unit's gradient
  double expected_lot = 0;          ///< > 0: divisor of the noisy sum, whatever a lot's size
  double delta = 0;                 ///< in (0, 1); below 1 / (number of units) to mean anything
  double budget = 0;                ///< > 0: largest epsilon; infinity for none
  double overflow_probability = 0;  ///< in [0, 1]: per step, from overflow_probability()
  Clipping clipping = Clipping::flat;
  AdaptiveClipParams adaptive = {};  ///< for Clipping::adaptive, where `clip` is the first C
  StepSchedule noise_schedule = {};  ///< from noise_multiplier; `last` above 0 like it
  StepSchedule clip_schedule = {};   ///< from clip; not with adaptive clipping

  /// Errors: out_of_range (names the field, its value and what is allowed), invalid_config (no
  /// noise under a finite budget, a counter with less noise than the whole may have).
  Status check() const;
  /// Of a step of the training, from 0: what the noise is made with, and what is charged.
  double multiplier_at(std::uint64_t step) const;
  double clip_at(std::uint64_t step) const;
  /// The smallest multiplier of `count` steps: one row that pays for them all.
  double smallest_multiplier(std::uint64_t first_step, std::uint64_t count) const;
  /// The rule of a step with this multiplier (noise_multiplier or a schedule's) and clip norm.
  ClipRule rule(double multiplier, double clip_norm) const;

 private:
  Status check_schedules() const;
};

/// Which patients: the key of the account. Must stay the same for the same patients, in every run
/// and in every project; a new identity starts a new account.
struct DatasetId {
  Hash256 fingerprint{};
  PrivacyUnit unit = PrivacyUnit::patient;
  std::size_t units = 0;  ///< how many; private, never stored or sent
  /// Knows the data sets with the same patients, whose rows count, too; null: only its own do.
  std::shared_ptr<AccountScope> scope = {};
};

}  // namespace hippocrypt::privacy
