#include "federation/client/checkpoint_store.hpp"

#include <algorithm>

#include "base/file.hpp"

namespace hippocrypt::federation {
namespace {

constexpr std::string_view prefix = "step_";
constexpr std::string_view suffix = ".ckpt";
constexpr std::size_t digits = 12;  // so that the order of names is that of steps

std::string name_of(std::uint64_t step) {
  const std::string number = std::to_string(step);
  const std::string zeros(number.size() < digits ? digits - number.size() : 0, '0');
  return std::string{prefix} + zeros + number + std::string{suffix};
}

bool is_checkpoint(const std::string& name) {
  return name.size() == prefix.size() + digits + suffix.size() && name.starts_with(prefix) &&
         name.ends_with(suffix);
}

}  // namespace

std::vector<std::filesystem::path> CheckpointStore::files() const {
  std::vector<std::filesystem::path> found;
  std::error_code failure;
  for (std::filesystem::directory_iterator entry{folder_, failure}, end; !failure && entry != end;
       entry.increment(failure)) {
    if (is_checkpoint(entry->path().filename().string())) found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

Status CheckpointStore::save(const Checkpoint& checkpoint) const {
  HIPPOCRYPT_TRY_VOID(
      write_file_atomically(folder_ / name_of(checkpoint.steps_done), encode(checkpoint)));
  const auto found = files();
  for (std::size_t i = 0; i + kept_ < found.size(); ++i) {
    std::error_code ignored;  // one too many does no harm
    std::filesystem::remove(found[i], ignored);
  }
  return {};
}

Result<Checkpoint> CheckpointStore::load_latest() const {
  const auto found = files();
  if (found.empty()) {
    return Error{Errc::not_found, folder_.string() + ": holds no checkpoint to go on from"};
  }
  HIPPOCRYPT_TRY(const Bytes bytes, read_file(found.back(), max_checkpoint_bytes));
  return decode_checkpoint(bytes, found.back().string());
}

}  // namespace hippocrypt::federation
