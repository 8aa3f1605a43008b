#pragma once
// Which rows of a ledger count for a data set: its own, or also those of other data sets with the
// same patients.

#include <cstdint>

#include "base/result.hpp"
#include "base/sha256.hpp"

namespace hippocrypt::privacy {

class AccountScope {
 public:
  virtual ~AccountScope() = default;
  /// Looks what other processes have added; true if counts() may answer otherwise than before.
  /// Errors: those of whatever holds the knowledge.
  virtual Result<bool> refresh() = 0;
  /// Whether rows of `dataset` count.
  virtual bool counts(const Hash256& dataset) const = 0;
  /// Told of every charge: how many rows the ledger holds now and the last one's hash. Errors: as
  /// refresh().
  virtual Status note_head(std::uint64_t rows, const Hash256& hash) = 0;
};

}  // namespace hippocrypt::privacy
