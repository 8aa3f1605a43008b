#include "benchmarks/run_self.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace hippocrypt::bench {

Result<Json> run_self_at(SimdLevel level, const Options& options) {
  const Error failed{Errc::unavailable, std::string{"the client's "} + to_string(level) +
                                            " kernels could not be measured in a child process"};
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return failed;
  // The path travels in the environment, so that the shell need not be told how to quote it.
  setenv("HIPPOCRYPT_BENCH_SELF", self.c_str(), 1);
  // At its own level the child must choose its product kernel as this process does.
  const std::string kernel =
      level == simd_level() ? "" : std::string{"HIPPOCRYPT_KERNEL="} + to_string(level) + ' ';
  const std::string command = kernel +
                              "exec \"$HIPPOCRYPT_BENCH_SELF\" client --one-level --json"
                              " --threads " +
                              std::to_string(options.threads) + " --seconds " +
                              std::to_string(options.seconds) +
                              (options.keep_memory ? "" : " --return-memory");
  std::FILE* const child = popen(command.c_str(), "r");
  if (child == nullptr) return failed;
  std::string text;
  char part[4096];
  while (const std::size_t size = std::fread(part, 1, sizeof part, child)) text.append(part, size);
  if (pclose(child) != 0) return failed;
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.contains("client")) return failed;
  return json["client"];
}

}  // namespace hippocrypt::bench
