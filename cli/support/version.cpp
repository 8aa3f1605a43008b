#include "cli/support/version.hpp"

#include "base/cpu.hpp"

namespace hippocrypt::cli {

std::string version_text() {
  // Both macros come from CMake; the commit is empty in a tree without git.
  const std::string commit = HIPPOCRYPT_COMMIT;
  std::string text = std::string{"hippocrypt "} + HIPPOCRYPT_VERSION;
  if (!commit.empty()) text += " (commit " + commit + ")";
  text += "\nprocessor " + cpu_name() + ", kernels " + to_string(simd_level());
  return text;
}

}  // namespace hippocrypt::cli
