#include "cli/commands/ledger_target.hpp"

#include <algorithm>
#include <fstream>

#include "federation/common/run_record.hpp"
#include "privacy/registry/registry.hpp"
#include "privacy/registry/registry_file.hpp"

namespace hippocrypt::cli {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_database(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::string head(15, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  return head == "SQLite format 3" || path.extension() == ".sqlite";
}

std::vector<fs::path> children(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code failure;
  for (fs::directory_iterator entry{folder, failure}, end; !failure && entry != end;
       entry.increment(failure)) {
    paths.push_back(entry->path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Status add_account_of(const fs::path& notes, const fs::path& home, std::vector<fs::path>& found) {
  HIPPOCRYPT_TRY(const auto marker, privacy::NotesMarker::read(notes));
  if (marker) found.push_back(privacy::Registry::ledger_file(home, marker->hospital));
  const fs::path beside = notes.string() + ".ledger.sqlite";
  if (is_there(beside)) found.push_back(beside);
  return {};
}

Status add_run(const fs::path& folder, std::vector<fs::path>& found) {
  HIPPOCRYPT_TRY(const auto record, federation::load_run_record(folder));
  for (const auto& hospital : record.hospitals) {
    if (hospital.steps > 0 || is_there(folder / hospital.ledger)) {
      found.push_back(folder / hospital.ledger);
    }
  }
  return {};
}

Status add_folder(const fs::path& folder, const fs::path& home, std::vector<fs::path>& found) {
  if (is_there(folder / "run.json")) return add_run(folder, found);
  for (const fs::path& hospital : children(folder / "hospitals")) {
    if (is_there(hospital / "ledger.sqlite")) found.push_back(hospital / "ledger.sqlite");
  }
  for (const fs::path& path : children(folder)) {
    if (path.extension() == ".account") {
      HIPPOCRYPT_TRY_VOID(add_account_of(fs::path{path}.replace_extension(), home, found));
    } else if (path.string().ends_with(".ledger.sqlite")) {
      found.push_back(path);
    }
  }
  return {};
}

}  // namespace

Result<std::vector<fs::path>> ledgers_of(const std::string& target, const fs::path& home) {
  std::vector<fs::path> found;
  std::error_code ignored;
  if (fs::is_directory(target, ignored)) {
    HIPPOCRYPT_TRY_VOID(add_folder(target, home, found));
  } else if (fs::is_regular_file(target, ignored)) {
    if (is_database(target)) {
      found.push_back(target);
    } else {
      HIPPOCRYPT_TRY_VOID(add_account_of(target, home, found));
    }
  } else if (const auto run = federation::find_run_folder(target)) {
    HIPPOCRYPT_TRY_VOID(add_run(*run, found));
  }
  if (found.empty()) {
    return Error{Errc::not_found, "no ledger for '" + target +
                                      "': it is neither a ledger, nor a run under runs/, "
                                      "nor notes that were trained on"};
  }
  std::vector<fs::path> unique;
  for (auto& path : found) {
    if (std::find(unique.begin(), unique.end(), path) == unique.end()) unique.push_back(path);
  }
  return unique;
}

}  // namespace hippocrypt::cli
