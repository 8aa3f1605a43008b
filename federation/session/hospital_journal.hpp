#pragma once
// What a hospital must not forget of a run's secure aggregation, and as whom it takes part: SQLite
// (WAL, synchronous=FULL). Updates, which are large, lie in files beside it; of a masked one the
// hash is kept.

#include <filesystem>
#include <optional>
#include <vector>

#include "base/sqlite/sqlite.hpp"
#include "federation/common/round_messages.hpp"
#include "federation/common/run_settings.hpp"

namespace hippocrypt::federation {

/// Of a round; ordered by time.
struct AttemptId {
  std::uint32_t round = 0;    ///< from 1
  std::uint32_t attempt = 0;  ///< from 1 within the round
  friend auto operator<=>(const AttemptId&, const AttemptId&) = default;
};

/// One object is used by one thread at a time. Errors of all operations: unavailable, malformed, io
/// (base/sqlite).
class HospitalJournal {
 public:
  /// The one in `folder`, made there if there is none. Errors also: mismatch, naming the first of
  /// `settings` that is not as it was when the journal was made; unsupported (a newer version).
  static Result<HospitalJournal> open(const std::filesystem::path& folder,
                                      const std::vector<Setting>& settings);

  /// The newest attempt that was begun.
  std::optional<AttemptId> newest() const { return newest_; }
  /// Whether it is over: nothing more is said in it.
  bool newest_is_over() const { return newest_over_; }

  /// Takes part in the attempt from now on. Messages of others are forgotten. Errors also: stale
  /// (it is not newer than the newest).
  Status begin(AttemptId id);
  /// The newest attempt is over, for good.
  Status end(AttemptId id);

  /// Keeps a message that came before it is answered, and in the masked update's place its hash
  /// before it is sent. One of its kind is kept an attempt; the
  /// caller has made sure that a second is the same. Errors also: stale (not of the newest
  /// attempt).
  Status keep(const RoundMessage& message);
  /// The same for the message that is answered by unmasking. Errors also: stale; mismatch
  /// (another attempt of the round was unmasked).
  Status keep_unmasking(const RoundMessage& message);
  /// What was kept of the newest attempt, in the order of RoundMessageKind.
  Result<std::vector<RoundMessage>> messages();

 private:
  explicit HospitalJournal(SqliteDatabase database) : database_{std::move(database)} {}
  Status read_newest();
  Status insert(const RoundMessage& message);

  SqliteDatabase database_;
  std::optional<AttemptId> newest_;
  bool newest_over_ = false;
};

}  // namespace hippocrypt::federation
