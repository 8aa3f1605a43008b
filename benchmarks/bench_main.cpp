// hippocrypt-bench: parses, measures, prints. scripts/bench builds and calls it.

#include <cstdio>
#include <map>

#include "base/allocation.hpp"
#include "base/cpu.hpp"
#include "benchmarks/sections.hpp"
#include "benchmarks/workload.hpp"

namespace hippocrypt::bench {
namespace {

std::string chosen_kernel() {
  return crypto::pack_weights(random_weights(1, 1).view()).value()->kernel_name();
}

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

int run(const Options& options) {
  if (options.keep_memory) keep_freed_memory();
  const std::map<std::string, Section (*)(const Options&)> sections{
      {"product", product_section},
      {"ntt", ntt_section},
      {"client", client_section},
      {"hints", hints_section},
      {"lora_step", lora_step_section},
      {"dp_step", dp_step_section},
      {"dp_step_135m", dp_step_135m_section},
      {"small_batch", small_batch_section},
      {"rounds", rounds_section},
      {"tokenizer", tokenizer_section},
      {"secagg", secagg_section},
      {"link", link_section},
      {"compare", compare_section},
      {"shape_1b", shape_1b_section}};
  const Setting setting{cpu_name(), chosen_kernel(), options.commit, options.threads};
  if (!options.json) print(to_text(setting));
  std::vector<Section> done;
  for (const std::string& name : options.sections) {
    done.push_back(sections.at(name)(options));
    if (!options.json) print(to_text(done.back()));
  }
  if (options.json) print(to_json(setting, done));
  return 0;
}

}  // namespace
}  // namespace hippocrypt::bench

int main(int count, char** values) {
  using namespace hippocrypt;
  const auto options = bench::parse_options({values + 1, values + count});
  if (!options) {
    std::fprintf(stderr, "error: %s\n", options.error().detail.c_str());
    return 2;
  }
  if (options->help) {
    std::fputs(bench::usage, stdout);
    return 0;
  }
  return bench::run(*options);
}
