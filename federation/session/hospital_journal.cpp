#include "federation/session/hospital_journal.hpp"

#include "federation/journal/journal_file.hpp"

namespace hippocrypt::federation {
namespace {

constexpr const char* schema =
    "CREATE TABLE attempt (round INTEGER NOT NULL, attempt INTEGER NOT NULL, over INTEGER NOT NULL,"
    " unmasked INTEGER NOT NULL, PRIMARY KEY (round, attempt));"
    "CREATE TABLE message (kind INTEGER PRIMARY KEY, body BLOB NOT NULL);";

constexpr JournalFormat format{"hospital's journal", 1, schema, std::size_t{64} << 20};

std::string name_of(AttemptId id) {
  return "round " + std::to_string(id.round) + ", attempt " + std::to_string(id.attempt);
}

}  // namespace

Result<HospitalJournal> HospitalJournal::open(const std::filesystem::path& folder,
                                              const std::vector<Setting>& settings) {
  HIPPOCRYPT_TRY(auto database, open_journal(folder / "journal.sqlite", format, settings));
  HospitalJournal journal{std::move(database)};
  HIPPOCRYPT_TRY_VOID(journal.read_newest());
  return journal;
}

Status HospitalJournal::read_newest() {
  HIPPOCRYPT_TRY(auto select, database_.prepare("SELECT round, attempt, over FROM attempt "
                                                "ORDER BY round DESC, attempt DESC LIMIT 1"));
  HIPPOCRYPT_TRY(const bool row, select.step());
  if (!row) return {};
  newest_ = AttemptId{static_cast<std::uint32_t>(select.integer(0).value_or(0)),
                      static_cast<std::uint32_t>(select.integer(1).value_or(0))};
  newest_over_ = select.integer(2).value_or(1) != 0;
  return {};
}

Status HospitalJournal::begin(AttemptId id) {
  if (newest_ && id <= *newest_) {
    return Error{Errc::stale, name_of(id) + " comes after " + name_of(*newest_)};
  }
  const auto write = [&]() -> Status {
    HIPPOCRYPT_TRY_VOID(database_.execute("DELETE FROM message"));
    // Of earlier rounds nothing can be unmasked any more.
    HIPPOCRYPT_TRY_VOID(
        database_.run("DELETE FROM attempt WHERE round < ?", std::uint64_t{id.round}));
    return database_.run("INSERT INTO attempt VALUES (?, ?, 0, 0)", std::uint64_t{id.round},
                         std::uint64_t{id.attempt});
  };
  HIPPOCRYPT_TRY_VOID(database_.in_transaction(write));
  newest_ = id;
  newest_over_ = false;
  return {};
}

Status HospitalJournal::end(AttemptId id) {
  if (!newest_ || id != *newest_ || newest_over_) return {};
  HIPPOCRYPT_TRY_VOID(database_.run("UPDATE attempt SET over = 1 WHERE round = ? AND attempt = ?",
                                    std::uint64_t{id.round}, std::uint64_t{id.attempt}));
  newest_over_ = true;
  return {};
}

Status HospitalJournal::insert(const RoundMessage& message) {
  const AttemptId id{message.round, message.attempt};
  if (!newest_ || id != *newest_ || newest_over_) {
    return Error{Errc::stale, name_of(id) + " is not under way"};
  }
  return database_.run("INSERT OR REPLACE INTO message VALUES (?, ?)",
                       static_cast<std::uint64_t>(message.kind), ByteView{message.body});
}

Status HospitalJournal::keep(const RoundMessage& message) { return insert(message); }

Status HospitalJournal::keep_unmasking(const RoundMessage& message) {
  return database_.in_transaction([&]() -> Status {
    HIPPOCRYPT_TRY(auto others,
                   database_.prepare("SELECT attempt FROM attempt "
                                     "WHERE round = ? AND attempt <> ? AND unmasked = 1"));
    others.bind(std::uint64_t{message.round});
    others.bind(std::uint64_t{message.attempt});
    HIPPOCRYPT_TRY(const bool is_second, others.step());
    if (is_second) {
      return Error{Errc::mismatch,
                   "attempt " + std::to_string(others.integer(0).value_or(0)) + " of round " +
                       std::to_string(message.round) +
                       " was unmasked; a second unmasking would show the difference"};
    }
    HIPPOCRYPT_TRY_VOID(insert(message));
    return database_.run("UPDATE attempt SET unmasked = 1 WHERE round = ? AND attempt = ?",
                         std::uint64_t{message.round}, std::uint64_t{message.attempt});
  });
}

Result<std::vector<RoundMessage>> HospitalJournal::messages() {
  std::vector<RoundMessage> out;
  if (!newest_) return out;
  HIPPOCRYPT_TRY(auto select, database_.prepare("SELECT kind, body FROM message ORDER BY kind"));
  while (true) {
    HIPPOCRYPT_TRY(const bool row, select.step());
    if (!row) return out;
    RoundMessage message;
    message.round = newest_->round;
    message.attempt = newest_->attempt;
    message.kind = static_cast<RoundMessageKind>(select.integer(0).value_or(0));
    message.body = select.blob(1).value_or(Bytes{});
    out.push_back(std::move(message));
  }
}

}  // namespace hippocrypt::federation
