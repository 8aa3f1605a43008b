#include "cli/support/scratch_folder.hpp"

#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX

namespace hippocrypt::cli {

Result<std::unique_ptr<ScratchFolder>> ScratchFolder::create(const std::string& purpose) {
  std::string pattern =
      (std::filesystem::temp_directory_path() / ("hippocrypt-" + purpose + ".XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return Error{Errc::io, pattern + ": no scratch folder can be made; set TMPDIR"};
  }
  return std::unique_ptr<ScratchFolder>{new ScratchFolder{pattern}};
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path ScratchFolder::next() {
  auto path = path_ / std::to_string(++count_);
  std::error_code ignored;
  std::filesystem::create_directories(path, ignored);
  return path;
}

}  // namespace hippocrypt::cli
