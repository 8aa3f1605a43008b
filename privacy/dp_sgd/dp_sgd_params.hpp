#pragma once
// The constants of DP-SGD. All come from the configuration: none may be derived from how many
// records a hospital has, which is itself private.

#include <cstddef>
#include <limits>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "privacy/ledger/ledger_entry.hpp"

namespace hippocrypt::privacy {

struct DpSgdParams {
  double sampling_rate = 0;         ///< q in (0, 1]: probability that a unit enters a lot
  double noise_multiplier = 0;      ///< sigma in [0, 1e9]; 0 (no privacy) needs an infinite budget
  double clip = 0;                  ///< C in (0, 1e30]: norm of one unit's gradient
  double expected_lot = 0;          ///< > 0: divisor of the noisy sum, whatever a lot's size
  double delta = 0;                 ///< in (0, 1); below 1 / (number of units) to mean anything
  double budget = 0;                ///< > 0: largest epsilon; infinity for none
  double overflow_probability = 0;  ///< in [0, 1]: per step, from overflow_probability()

  /// Errors: out_of_range (names the field, its value and what is allowed), invalid_config (no
  /// noise under a finite budget).
  Status check() const;
};

/// Which patients: the key of the account. Must stay the same for the same patients, in every run
/// and in every project; a new identity starts a new account.
struct DatasetId {
  Hash256 fingerprint{};
  PrivacyUnit unit = PrivacyUnit::patient;
  std::size_t units = 0;  ///< how many; private, never stored or sent
};

}  // namespace hippocrypt::privacy
