#include "federation/client/step_journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/byte_reader.hpp"
#include "base/file.hpp"
#include "base/format_version.hpp"

namespace hippocrypt::federation {
namespace {

constexpr std::uint32_t file_magic = 0x4a535048;  // "HPSJ"
constexpr std::uint32_t file_version = 1;
constexpr std::size_t hash_bytes = std::tuple_size_v<Hash256>;
constexpr std::size_t head_bytes = 4 + 4 + hash_bytes + 8;
constexpr std::size_t record_head_bytes = 8 + 8 + 8;
constexpr std::size_t max_journal_bytes = std::size_t{64} << 30;

Bytes head_of(const Hash256& run, std::uint64_t first_step) {
  ByteWriter writer;
  writer.write(file_magic);
  writer.write(file_version);
  writer.append(run);
  writer.write(first_step);
  Bytes bytes = std::move(writer).take();
  const Hash256 hash = sha256(bytes);
  bytes.insert(bytes.end(), hash.begin(), hash.end());
  return bytes;
}

/// Of any version.
bool is_head(ByteView bytes) {
  const Hash256 hash = sha256(bytes.first(head_bytes));
  std::uint32_t magic = 0;
  std::memcpy(&magic, bytes.data(), 4);
  return magic == file_magic && std::equal(hash.begin(), hash.end(), bytes.end() - hash_bytes);
}

Hash256 chained(const Hash256& before, ByteView record) {
  Sha256 hash;
  hash.add_field(ByteView{before}).add_field(record);
  return hash.finish();
}

Error io_error(const std::filesystem::path& path) {
  return {Errc::io, fmt::format("{} cannot be written ({}); check the disk", path.string(),
                                std::strerror(errno))};
}

/// Reads records one by one, so that a journal of many steps never is in memory whole.
class JournalReader {
 public:
  JournalReader(int file, Hash256 before) : file_{file}, last_{before} {}

  /// Nothing at the end, or where the rest is torn.
  std::optional<JournalRecord> next() {
    Bytes bytes(record_head_bytes);
    if (!read_at(position_, bytes)) return std::nullopt;
    JournalRecord record;
    std::uint64_t count = 0;
    std::memcpy(&record.step, bytes.data(), 8);
    std::memcpy(&record.clip, bytes.data() + 8, 8);
    std::memcpy(&count, bytes.data() + 16, 8);
    const off_t end = ::lseek(file_, 0, SEEK_END);
    const std::uint64_t left = static_cast<std::uint64_t>(end) - position_ - record_head_bytes;
    if (end < 0 || left < hash_bytes || count > (left - hash_bytes) / 4) return std::nullopt;
    bytes.resize(record_head_bytes + 4 * count);
    Hash256 stored{};
    if (!read_at(position_, bytes) || !read_at(position_ + bytes.size(), stored)) {
      return std::nullopt;
    }
    if (chained(last_, bytes) != stored) return std::nullopt;
    record.update.resize(count);
    if (count > 0) std::memcpy(record.update.data(), &bytes[record_head_bytes], 4 * count);
    last_ = stored;
    position_ += bytes.size() + hash_bytes;
    return record;
  }
  const Hash256& last() const { return last_; }
  std::uint64_t position() const { return position_; }

 private:
  bool read_at(std::uint64_t at, std::span<std::uint8_t> out) const {
    return ::pread(file_, out.data(), out.size(), static_cast<off_t>(at)) ==
           static_cast<ssize_t>(out.size());
  }
  int file_;
  Hash256 last_;
  std::uint64_t position_ = head_bytes + hash_bytes;
};

}  // namespace

StepJournal::StepJournal(std::filesystem::path path, const Hash256& run,
                         privacy::LotStageHook on_stage)
    : path_{std::move(path)}, run_{run}, on_stage_{std::move(on_stage)} {}

void StepJournal::reach(privacy::LotStage stage) const {
  if (on_stage_) on_stage_(stage);
}

Status StepJournal::begin(std::uint64_t first_step) {
  const Bytes head = head_of(run_, first_step);
  HIPPOCRYPT_TRY_VOID(write_file_atomically(path_, head));
  file_ = std::make_unique<Descriptor>(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
  if (file_->get() < 0) return io_error(path_);
  std::copy(head.end() - hash_bytes, head.end(), last_.begin());
  size_ = head.size();
  return {};
}

Result<StepJournal> StepJournal::open(const std::filesystem::path& path, const Hash256& run,
                                      std::uint64_t steps_done,
                                      const std::function<Status(const JournalRecord&)>& replay,
                                      privacy::LotStageHook on_stage) {
  StepJournal journal{path, run, std::move(on_stage)};
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    HIPPOCRYPT_TRY_VOID(journal.begin(steps_done));
    return journal;
  }
  const auto way_out =
      "; remove it to go on from the checkpoint, whose later steps are then paid "
      "for again";
  journal.file_ = std::make_unique<Descriptor>(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (journal.file_->get() < 0) return io_error(path);
  Bytes head(head_bytes + hash_bytes);
  const auto got = ::pread(journal.file_->get(), head.data(), head.size(), 0);
  std::uint64_t first_step = 0;
  std::memcpy(&first_step, &head[head_bytes - 8], 8);
  Hash256 owner{};
  std::copy_n(head.begin() + 8, hash_bytes, owner.begin());
  if (got != static_cast<ssize_t>(head.size()) || !is_head(head)) {
    return Error{Errc::tampered, path.string() + ": its head is damaged" + way_out};
  }
  std::uint32_t version = 0;
  std::memcpy(&version, &head[4], 4);
  HIPPOCRYPT_TRY_VOID(check_version(path.string(), version, file_version));
  if (owner != run) return Error{Errc::mismatch, path.string() + ": is of another run" + way_out};
  if (first_step > steps_done) {
    HIPPOCRYPT_TRY_VOID(journal.begin(steps_done));
    return journal;
  }
  std::copy(head.end() - hash_bytes, head.end(), journal.last_.begin());
  JournalReader reader{journal.file_->get(), journal.last_};
  std::uint64_t next = steps_done;
  while (const auto record = reader.next()) {
    if (record->step != next) continue;  // a checkpoint holds it
    HIPPOCRYPT_TRY_VOID(replay(*record));
    ++next;
  }
  journal.last_ = reader.last();
  journal.size_ = reader.position();
  if (::ftruncate(journal.file_->get(), static_cast<off_t>(journal.size_)) != 0) {
    return io_error(path);
  }
  return journal;
}

Status StepJournal::append(std::uint64_t step, std::span<const float> update, double clip) {
  ByteWriter writer;
  writer.write(step);
  writer.write(clip);
  writer.write(std::uint64_t{update.size()});
  writer.append({reinterpret_cast<const std::uint8_t*>(update.data()), update.size_bytes()});
  Bytes bytes = std::move(writer).take();
  const Hash256 hash = chained(last_, bytes);
  bytes.insert(bytes.end(), hash.begin(), hash.end());
  const auto write = [&]() -> Status {
    if (size_ + bytes.size() > max_journal_bytes) {
      return Error{Errc::io, path_.string() + " is full; set training.checkpoint_every lower"};
    }
    if (::lseek(file_->get(), static_cast<off_t>(size_), SEEK_SET) < 0) return io_error(path_);
    const ByteView whole{bytes};
    if (!write_all(file_->get(), whole.first(bytes.size() / 2))) return io_error(path_);
    reach(privacy::LotStage::journal_torn);
    if (!write_all(file_->get(), whole.subspan(bytes.size() / 2))) return io_error(path_);
    reach(privacy::LotStage::journal_written);
    if (::fdatasync(file_->get()) != 0) return io_error(path_);
    return {};
  };
  Status written = write();
  if (!written) {
    if (::ftruncate(file_->get(), static_cast<off_t>(size_)) != 0) return io_error(path_);
    return written;
  }
  last_ = hash;
  size_ += bytes.size();
  reach(privacy::LotStage::journalled);
  return {};
}

Status StepJournal::drop(std::uint64_t steps_done) {
  HIPPOCRYPT_TRY_VOID(begin(steps_done));
  reach(privacy::LotStage::journal_dropped);
  return {};
}

}  // namespace hippocrypt::federation
