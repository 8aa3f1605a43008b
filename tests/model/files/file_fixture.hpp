#pragma once
// A folder of its own for a test, removed afterwards, and the published reference files.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/file.hpp"

namespace hippocrypt::model {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "hippocrypt.XXXXXX").string();
    const char* made = ::mkdtemp(pattern.data());
    HIPPOCRYPT_CHECK(made != nullptr);
    path_ = made;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline void write_text(const std::filesystem::path& path, std::string_view text) {
  std::ofstream out{path, std::ios::binary};
  out << text;
  out.close();
  ASSERT_TRUE(out.good()) << path.string();
}

inline std::filesystem::path reference_path(std::string_view name) {
  return std::filesystem::path{HIPPOCRYPT_SOURCE_DIR} / "../shared/models/reference" / name;
}

}  // namespace hippocrypt::model

/// Skips the test when a reference file is not there; in CI its absence is a failure.
#define HIPPOCRYPT_NEED_REFERENCE(path)                                       \
  do {                                                                        \
    if (!std::filesystem::exists(path)) {                                     \
      const char* in_ci = std::getenv("CI");                                  \
      if (in_ci != nullptr && std::string_view{in_ci} == "true") {            \
        FAIL() << (path).string() << " is needed in CI";                      \
      }                                                                       \
      GTEST_SKIP() << (path).string() << " is not there; nothing to compare"; \
    }                                                                         \
  } while (false)

/// Checks that `result` is an error of `wanted` whose sentence contains `phrase`.
#define HIPPOCRYPT_EXPECT_ERROR(result, wanted, phrase)                                          \
  do {                                                                                           \
    const auto& hippocrypt_outcome = (result);                                                   \
    ASSERT_FALSE(hippocrypt_outcome.has_value());                                                \
    EXPECT_EQ(hippocrypt_outcome.error().code, wanted) << to_string(hippocrypt_outcome.error()); \
    EXPECT_NE(hippocrypt_outcome.error().detail.find(phrase), std::string::npos)                 \
        << hippocrypt_outcome.error().detail;                                                    \
  } while (false)
