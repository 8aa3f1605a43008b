#include "privacy/ledger/ledger.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "base/check.hpp"
#include "base/sqlite/sqlite.hpp"
#include "privacy/ledger/ledger_file.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr const char* select_after =
    "SELECT id, run, hospital, round, dataset, unit, relation, mechanism, sampler, sampling_rate, "
    "noise_multiplier, clip, steps, delta, overflow_probability, noise_source, unix_time_s, "
    "software_version, previous, hash, version, clipping, noise FROM entries WHERE id > ? ORDER BY "
    "id";
constexpr const char* insert_row =
    "INSERT INTO entries VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

Error tampered(const std::string& name, std::uint64_t row, const std::string& reason) {
  return {Errc::tampered,
          fmt::format("row {} of {} {}; the account can no longer be trusted: restore the ledger "
                      "from a backup and do not train on its data until then",
                      row, name, reason)};
}

/// Reads the columns of one row one after another and notes a missing or mistyped one.
class RowReader {
 public:
  explicit RowReader(const SqliteStatement& statement) : statement_{statement} {}
  std::uint64_t number() { return static_cast<std::uint64_t>(take(statement_.integer(column_++))); }
  std::int64_t integer() { return take(statement_.integer(column_++)); }
  double real() { return take(statement_.real(column_++)); }
  std::string text() { return take(statement_.text(column_++)); }
  Hash256 hash() { return take(statement_.hash(column_++)); }
  bool is_complete() const { return is_complete_; }

 private:
  template <class T>
  T take(std::optional<T> value) {
    is_complete_ = is_complete_ && value.has_value();
    return value ? std::move(*value) : T{};
  }
  const SqliteStatement& statement_;
  int column_ = 0;
  bool is_complete_ = true;
};

/// The row that must follow `before` rows ending in `previous`. Units, relations and mechanisms
/// that this version does not know come with a newer schema version, so an unknown one in this
/// schema is damage.
Result<LedgerRow> read_row(const SqliteStatement& statement, const std::string& name,
                           std::uint64_t before, const Hash256& previous) {
  RowReader reader{statement};
  LedgerRow row;
  row.id = reader.number();
  const std::uint64_t expected = before + 1;
  if (row.id != expected) return tampered(name, expected, "is missing");
  row.entry.run = reader.text();
  row.entry.hospital = reader.text();
  row.entry.round = reader.number();
  row.entry.dataset = reader.hash();
  const auto unit = privacy_unit_from(reader.text());
  const auto relation = neighbouring_relation_from(reader.text());
  const auto mechanism = mechanism_from(reader.text());
  row.entry.sampler = reader.text();
  row.entry.sampling_rate = reader.real();
  row.entry.noise_multiplier = reader.real();
  row.entry.clip = reader.real();
  row.entry.steps = reader.number();
  row.entry.delta = reader.real();
  row.entry.overflow_probability = reader.real();
  row.entry.noise_source = reader.text();
  row.entry.unix_time_s = reader.integer();
  row.entry.software_version = reader.text();
  row.previous = reader.hash();
  row.hash = reader.hash();
  row.version = reader.number();
  const auto clipping = clipping_from(reader.text());
  const auto noise = noise_kind_from(reader.text());
  if (!reader.is_complete()) return tampered(name, expected, "has a field of the wrong kind");
  if (!unit.has_value() || !relation.has_value() || !mechanism.has_value() ||
      !clipping.has_value() || !noise.has_value()) {
    return tampered(name, expected,
                    "names a unit, relation, mechanism, clipping or noise that does not exist");
  }
  row.entry.unit = *unit;
  row.entry.relation = *relation;
  row.entry.mechanism = *mechanism;
  row.entry.clipping = *clipping;
  row.entry.noise = *noise;
  const LedgerEntry defaults;
  const bool is_as_version_1 =
      *clipping == defaults.clipping && *noise == defaults.noise && row.version == 1;
  if (row.version != ledger_row_version && !is_as_version_1) {
    return tampered(name, expected, "is of no version that this schema knows");
  }
  if (row.previous != previous) return tampered(name, expected, "does not follow the row before");
  if (row.hash != row_hash(row)) return tampered(name, expected, "does not agree with its hash");
  if (!row.entry.check().has_value()) return tampered(name, expected, "holds impossible values");
  return row;
}

}  // namespace

struct Ledger::State {
  SqliteDatabase database;
  std::string name;  // the file's name, for messages
  std::vector<LedgerRow> rows;

  Hash256 last_hash() const { return rows.empty() ? Hash256{} : rows.back().hash; }
  Status read_new_rows();
  Status check_head();
  Status append(const LedgerRow& row);
  Result<LedgerRow> charge_inside(const LedgerEntry& entry, const Admission& admit);
};

Status Ledger::State::read_new_rows() {
  HIPPOCRYPT_TRY(auto statement, database.prepare(select_after));
  statement.bind(static_cast<std::uint64_t>(rows.size()));
  while (true) {
    HIPPOCRYPT_TRY(const bool has_row, statement.step());
    if (!has_row) break;
    if (rows.size() >= max_ledger_rows) {
      return Error{Errc::limit_exceeded,
                   fmt::format("{} holds more than {} rows; a ledger this long is not supported",
                               name, max_ledger_rows)};
    }
    HIPPOCRYPT_TRY(LedgerRow row, read_row(statement, name, rows.size(), last_hash()));
    rows.push_back(std::move(row));
  }
  return check_head();
}

Status Ledger::State::check_head() {
  HIPPOCRYPT_TRY(auto statement, database.prepare("SELECT rows, hash FROM head"));
  HIPPOCRYPT_TRY(const bool has_row, statement.step());
  const std::optional<std::int64_t> count = has_row ? statement.integer(0) : std::nullopt;
  const std::optional<Hash256> hash = has_row ? statement.hash(1) : std::nullopt;
  if (!count || !hash || static_cast<std::uint64_t>(*count) < rows.size()) {
    return tampered(name, rows.size(), "is not known to the ledger's head");
  }
  if (static_cast<std::uint64_t>(*count) > rows.size()) {
    return tampered(name, rows.size() + 1, "is missing");
  }
  if (*hash != last_hash()) {
    return tampered(name, rows.size(), "does not agree with the ledger's head");
  }
  return {};
}

Status Ledger::State::append(const LedgerRow& row) {
  const LedgerEntry& entry = row.entry;
  HIPPOCRYPT_TRY(auto insert, database.prepare(insert_row));
  insert.bind(row.id);
  insert.bind(std::string_view{entry.run});
  insert.bind(std::string_view{entry.hospital});
  insert.bind(entry.round);
  insert.bind(ByteView{entry.dataset});
  insert.bind(to_string(entry.unit));
  insert.bind(to_string(entry.relation));
  insert.bind(to_string(entry.mechanism));
  insert.bind(std::string_view{entry.sampler});
  insert.bind(entry.sampling_rate);
  insert.bind(entry.noise_multiplier);
  insert.bind(entry.clip);
  insert.bind(entry.steps);
  insert.bind(entry.delta);
  insert.bind(entry.overflow_probability);
  insert.bind(std::string_view{entry.noise_source});
  insert.bind(entry.unix_time_s);
  insert.bind(std::string_view{entry.software_version});
  insert.bind(ByteView{row.previous});
  insert.bind(ByteView{row.hash});
  insert.bind(row.version);
  insert.bind(to_string(entry.clipping));
  insert.bind(to_string(entry.noise));
  HIPPOCRYPT_TRY_VOID(insert.step());
  HIPPOCRYPT_TRY(auto head, database.prepare("UPDATE head SET rows = ?, hash = ? WHERE only = 0"));
  head.bind(row.id);
  head.bind(ByteView{row.hash});
  HIPPOCRYPT_TRY_VOID(head.step());
  return {};
}

Result<LedgerRow> Ledger::State::charge_inside(const LedgerEntry& entry, const Admission& admit) {
  HIPPOCRYPT_TRY_VOID(read_new_rows());
  if (rows.size() >= max_ledger_rows) {
    return Error{Errc::limit_exceeded,
                 fmt::format("{} is full ({} rows); no more rounds can be charged to it", name,
                             max_ledger_rows)};
  }
  if (admit) HIPPOCRYPT_TRY_VOID(admit(rows));
  LedgerRow row;
  row.id = rows.size() + 1;
  row.entry = entry;
  row.previous = last_hash();
  row.hash = row_hash(row);
  HIPPOCRYPT_TRY_VOID(append(row));
  return row;
}

Ledger::Ledger(std::unique_ptr<State> state) : state_{std::move(state)} {}
Ledger::~Ledger() = default;
Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;

Result<Ledger> Ledger::open(const std::filesystem::path& path, LedgerMode mode,
                            std::chrono::milliseconds patience) {
  std::error_code error;
  const bool exists = std::filesystem::exists(path, error);
  if (error) {
    return Error{Errc::io,
                 fmt::format("{} cannot be looked at ({}); check the folder's permissions",
                             path.filename().string(), error.message())};
  }
  if (!exists && mode == LedgerMode::must_exist) {
    return Error{Errc::not_found,
                 fmt::format("the privacy ledger {} is missing; without it nobody knows what has "
                             "been spent, so restore it from a backup",
                             path.filename().string())};
  }
  if (!exists) HIPPOCRYPT_TRY_VOID(create_ledger_file(path));
  HIPPOCRYPT_TRY(auto database, SqliteDatabase::open(path, {.patience = patience}));
  const std::string name = path.filename().string();
  HIPPOCRYPT_TRY_VOID(check_ledger_kind(database, name));
  HIPPOCRYPT_TRY(const std::string journal, database.query_text("PRAGMA journal_mode = WAL"));
  if (journal != "wal") {
    return Error{Errc::io, fmt::format("{} lies on a file system without shared memory, where a "
                                       "write-ahead log is impossible; move it to a local disk",
                                       name)};
  }
  HIPPOCRYPT_TRY_VOID(database.execute("PRAGMA synchronous = FULL"));
  HIPPOCRYPT_TRY_VOID(upgrade_ledger(database));
  Ledger ledger{std::make_unique<State>(State{std::move(database), name, {}})};
  HIPPOCRYPT_TRY_VOID(ledger.refresh());
  return ledger;
}

Result<Ledger> Ledger::in_memory() {
  HIPPOCRYPT_TRY(auto database, SqliteDatabase::open(":memory:", {}));
  HIPPOCRYPT_TRY_VOID(create_ledger_tables(database));
  return Ledger{std::make_unique<State>(State{std::move(database), "the audit's ledger", {}})};
}

Result<LedgerRow> Ledger::charge(const LedgerEntry& entry) { return charge_if(entry, nullptr); }

Result<LedgerRow> Ledger::charge_if(const LedgerEntry& entry, const Admission& admit) {
  HIPPOCRYPT_TRY_VOID(entry.check());
  LedgerRow row;
  HIPPOCRYPT_TRY_VOID(state_->database.in_transaction([&]() -> Status {
    HIPPOCRYPT_TRY(row, state_->charge_inside(entry, admit));
    return {};
  }));
  state_->rows.push_back(row);
  return row;
}

Status Ledger::refresh() {
  // One read transaction: the rows and the head belong to the same moment.
  HIPPOCRYPT_TRY_VOID(state_->database.execute("BEGIN"));
  Status read = state_->read_new_rows();
  Status ended = state_->database.execute("ROLLBACK");
  HIPPOCRYPT_TRY_VOID(std::move(read));
  return ended;
}

std::span<const LedgerRow> Ledger::rows() const { return state_->rows; }

std::vector<SampledGaussian> Ledger::events(const Hash256& dataset) const {
  std::vector<SampledGaussian> events;
  for (const LedgerRow& row : state_->rows) {
    if (row.entry.dataset == dataset) events.push_back(row.entry.event());
  }
  return events;
}

Hash256 Ledger::head_hash() const { return state_->last_hash(); }

}  // namespace hippocrypt::privacy
