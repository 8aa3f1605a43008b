#pragma once
// Recognises the same patients again, whatever folder their notes lie in. Every data set that is
// ever trained on is enrolled with a keyed hash of each patient; what was spent on any data set
// that shares a patient with this one counts here, too.
//
// Whoever is in this data set was touched only by data sets that hold the patient, and all of these
// count; so the sum is an upper bound for every single patient, and exact for those who were in
// all of them.
//
// A home is a folder: registry.sqlite, key, and hospitals/NAME/ledger.sqlite for every hospital.
// The registry also notes each ledger's head, so that an older copy of a ledger is recognised.

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "privacy/ledger/account_scope.hpp"
#include "privacy/ledger/ledger.hpp"

namespace hippocrypt::privacy {

/// The data set that is to be trained on.
struct EnrolledPatients {
  std::string hospital;
  Hash256 fingerprint{};
  std::vector<std::string> patients;  ///< ids of those that are trained on, in any order
  std::filesystem::path notes;        ///< the file; a marker NOTES.account is kept beside it
};

/// A data set in its home.
class DatasetAccount final : public AccountScope {
 public:
  ~DatasetAccount() override;
  DatasetAccount(const DatasetAccount&) = delete;
  DatasetAccount& operator=(const DatasetAccount&) = delete;

  Result<bool> refresh() override;
  bool counts(const Hash256& dataset) const override;
  Status note_head(std::uint64_t rows, const Hash256& hash) override;

  /// Opens the hospital's ledger; it must exist once anything was charged to it. Takes over what a
  /// ledger beside the notes (NOTES.ledger.sqlite, as earlier versions kept it) holds, each row
  /// once, whatever copies of it there are. Errors: those of Ledger::open and Ledger::charge;
  /// tampered too where the ledger is an older copy or another one, or names a data set that the
  /// registry does not know.
  Result<Ledger> open_ledger(LedgerMode mode = LedgerMode::create_if_missing);
  /// Rows of `ledger` that count, all under this data set's own fingerprint: for reports.
  std::vector<LedgerRow> rows_of(std::span<const LedgerRow> rows) const;
  /// One line for people: which earlier runs count, or that there are none.
  std::string explanation(const Ledger& ledger) const;

 private:
  friend class Registry;
  struct State;
  Status check(Ledger& ledger);
  Status take_over(const std::filesystem::path& beside_notes, Ledger& ledger);
  explicit DatasetAccount(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class Registry {
 public:
  /// The file of a hospital's ledger in `home`.
  static std::filesystem::path ledger_file(const std::filesystem::path& home,
                                           const std::string& hospital);

  /// Enrols the data set, durably, in `home` (made if it is not there, for its owner only). Errors:
  /// io, malformed, unsupported (a file of another version), unavailable, tampered (the registry or
  /// its key is missing or of another home although there are ledgers; the notes' marker names an
  /// account that this home does not hold), mismatch (the marker names another hospital).
  static Result<std::shared_ptr<DatasetAccount>> enroll(const std::filesystem::path& home,
                                                        const EnrolledPatients& patients);
  /// The account of a data set that was enrolled before, for reports. Errors: the same; not_found.
  static Result<std::shared_ptr<DatasetAccount>> find(const std::filesystem::path& home,
                                                      const std::string& hospital,
                                                      const Hash256& fingerprint);
  /// The rows that will count once the data set is enrolled, all under its own fingerprint; for a
  /// look ahead. Enrols, makes and charges nothing. Errors: those of enroll() and open_ledger().
  static Result<std::vector<LedgerRow>> preview(const std::filesystem::path& home,
                                                const EnrolledPatients& patients);
};

}  // namespace hippocrypt::privacy
