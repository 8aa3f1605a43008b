#pragma once
// The command line of hippocrypt-bench.

#include <string>
#include <vector>

#include "base/result.hpp"

namespace hippocrypt::bench {

struct Options {
  std::vector<std::string> sections;  ///< in the order of section_names
  int threads = 2;                    ///< of products; the client's side has one
  double seconds = 6;                 ///< of one alternation
  bool json = false;
  bool one_level = false;   ///< client: only the level that HIPPOCRYPT_KERNEL gives
  bool keep_memory = true;  ///< freed memory stays with the process, as in the program
  std::string model;        ///< lora_step, dp_step, small_batch: in place of random weights
  std::string hint_cache;   ///< folder of their hints; empty: in memory, or a temporary folder
  bool help = false;
  std::string commit = "unknown";
};

inline constexpr const char* section_names[] = {
    "product",     "ntt",    "client",    "hints",  "lora_step", "dp_step", "dp_step_135m",
    "small_batch", "rounds", "tokenizer", "secagg", "link",      "compare", "shape_1b"};
/// Takes gigabytes and minutes: measured only when it is named.
inline constexpr const char* on_demand_section = "shape_1b";

extern const char* const usage;

/// Errors: invalid_config, one sentence.
Result<Options> parse_options(const std::vector<std::string>& arguments);

}  // namespace hippocrypt::bench
