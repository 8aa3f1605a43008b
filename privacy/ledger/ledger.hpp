#pragma once
// The privacy ledger of a hospital: an append-only, hash-chained table in SQLite (WAL,
// synchronous=FULL). Charge first, then release: a crash may waste budget and never overspends it.
//
// What the chain is worth: it shows damage, and edits by anyone who does not recompute every later
// hash. It has no key, so whoever may rewrite the whole file can forge it; note head_hash()
// elsewhere (a printed statement, the aggregator's log) to notice that, and a restored backup too.
// The file PATH-wal belongs to the ledger: a copy needs both, or the copy of a closed ledger.

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "privacy/ledger/ledger_entry.hpp"

namespace hippocrypt::privacy {

/// Most rows that a ledger may hold, one a step: a step a minute for two years. They take 0.6 GiB
/// of memory.
inline constexpr std::uint64_t max_ledger_rows = std::uint64_t{1} << 20;

enum class LedgerMode {
  create_if_missing,  ///< a first run
  must_exist,         ///< a resumed run or a report: a missing ledger would be a silent refund
};

/// An open ledger. There is no update, no delete and no refund. Several processes (or several
/// Ledger objects in one) may append to one file; one object is used by one thread at a time, and
/// must not be used across a fork.
class Ledger {
 public:
  /// Opens and verifies the whole chain. `patience` bounds how long any operation waits for other
  /// processes. Errors: not_found (must_exist, no such file), io (the system
  /// refuses), malformed (not a ledger, empty, cut short), unsupported (written by a newer
  /// version), tampered (names the first row that does not fit), limit_exceeded (more than
  /// max_ledger_rows), unavailable (another process holds it for longer than `patience`).
  static Result<Ledger> open(const std::filesystem::path& path,
                             LedgerMode mode = LedgerMode::create_if_missing,
                             std::chrono::milliseconds patience = std::chrono::seconds{10});
  /// An empty one that ends with the process: it charges for nobody, as an audit needs it.
  static Result<Ledger> in_memory();
  ~Ledger();
  Ledger(Ledger&&) noexcept;
  Ledger& operator=(Ledger&&) noexcept;

  /// Appends one row in one transaction; durable when it returns. Errors: out_of_range (the entry),
  /// io, malformed, tampered, limit_exceeded, unavailable. After an error the row may or may not be
  /// there; refresh() tells.
  Result<LedgerRow> charge(const LedgerEntry& entry);

  /// Looks at all rows, of other processes too, while nobody can append; an Error forbids the
  /// charge.
  using Admission = std::function<Status(std::span<const LedgerRow> rows)>;
  /// Appends if `admit` agrees: check and charge are one transaction, so two processes cannot both
  /// take the last of a budget. Errors: those of charge() and those of `admit`.
  Result<LedgerRow> charge_if(const LedgerEntry& entry, const Admission& admit);

  /// Reads and verifies what other processes appended. Errors: those of open().
  Status refresh();

  /// All rows as of open, the last charge or refresh.
  std::span<const LedgerRow> rows() const;
  /// The rows' mechanisms for one data set.
  std::vector<SampledGaussian> events(const Hash256& dataset) const;
  /// Hash of the last row, zeros for an empty ledger.
  Hash256 head_hash() const;

 private:
  struct State;
  explicit Ledger(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace hippocrypt::privacy
