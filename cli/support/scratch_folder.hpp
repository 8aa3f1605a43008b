#pragma once
// Files that nobody needs after the command.

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace hippocrypt::cli {

/// A folder that goes away with all that is in it.
class ScratchFolder {
 public:
  /// In the system's folder for temporary files; `purpose` is part of its name. Errors: io.
  static Result<std::unique_ptr<ScratchFolder>> create(const std::string& purpose);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  /// A new folder in it.
  std::filesystem::path next();

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_{std::move(path)} {}
  std::filesystem::path path_;
  int count_ = 0;
};

}  // namespace hippocrypt::cli
