// Whether a model of a billion weights fits: one encrypted forward and backward of one tile in
// Llama-3.2-1B's shape, hints mapped from a file.

#include <unistd.h>

#include <filesystem>

#include "benchmarks/sections.hpp"
#include "benchmarks/shaped_model.hpp"
#include "benchmarks/training_rig.hpp"

namespace hippocrypt::bench {
namespace {

constexpr std::size_t sequences = 8, length = 256;
constexpr double gibibyte = 1024.0 * 1024.0 * 1024.0;

/// Removed at the end, unless the user named it.
class HintFolder {
 public:
  explicit HintFolder(const std::string& asked)
      : path_{asked.empty() ? std::filesystem::temp_directory_path() /
                                  ("hippocrypt-bench-" + std::to_string(::getpid()))
                            : std::filesystem::path{asked}},
        is_ours_{asked.empty()} {}
  ~HintFolder() {
    std::error_code ignored;
    if (is_ours_) std::filesystem::remove_all(path_, ignored);
  }
  HintFolder(const HintFolder&) = delete;
  HintFolder& operator=(const HintFolder&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
  bool is_ours_;
};

}  // namespace

Section shape_1b_section(const Options& options) {
  Section section{.name = "shape_1b",
                  .title =
                      "Llama-3.2-1B's shape, random weights: forward and backward of 8 x 256 "
                      "tokens with LoRA, " +
                      std::to_string(options.threads) + " threads for all actors together",
                  .columns = {{"phase", "phase"},
                              {"seconds", "s", 1},
                              {"s_per_token", "s/token", 4},
                              {"peak_gib", "peak resident GiB", 2}}};
  const HintFolder folder{options.hint_cache};
  Options with_cache = options;
  with_cache.hint_cache = folder.path();
  with_cache.model.clear();
  const double start = seconds_now();
  auto rig = TrainingRig::create(billion_shape(), with_cache);
  if (!rig) {
    section.notes.push_back(to_string(rig.error()));
    return section;
  }
  section.rows.push_back({{"phase", "setup"},
                          {"seconds", seconds_now() - start},
                          {"peak_gib", static_cast<double>(peak_resident_bytes()) / gibibyte}});
  auto times = (*rig)->step((*rig)->batch(sequences, length));
  if (!times) {
    section.notes.push_back(to_string(times.error()));
    return section;
  }
  times->phases["total"] = times->total;
  for (const auto& [phase, seconds] : times->phases) {
    section.rows.push_back({{"phase", phase},
                            {"seconds", seconds},
                            {"s_per_token", seconds / static_cast<double>(sequences * length)}});
  }
  section.rows.back()["peak_gib"] = static_cast<double>(peak_resident_bytes()) / gibibyte;
  return section;
}

}  // namespace hippocrypt::bench
