// Encryption and decryption on one core, as multiples of the transform that both cannot avoid, and
// a whole product beside the plain one.

#include "base/cpu.hpp"
#include "benchmarks/blind_runs.hpp"
#include "benchmarks/plain_products.hpp"
#include "benchmarks/run_self.hpp"
#include "benchmarks/sections.hpp"
#include "benchmarks/transforms.hpp"
#include "benchmarks/wire_cost.hpp"

namespace hippocrypt::bench {
namespace {

constexpr std::size_t tokens = 2048;

const char* memory_of(const Options& options) { return options.keep_memory ? "kept" : "returned"; }

/// One alternation of the transform and every step for `features` inputs and as many outputs.
void add_steps(std::size_t features, const Transforms& transforms, const Options& options,
               Section& section) {
  const SimdLevel level = simd_level();
  BlindRuns runs{features, features, tokens, options.threads};
  std::vector<Contestant> contestants{{"transform", [&] { transforms.run(level); }},
                                      runs.encrypt(),
                                      runs.decrypt(),
                                      runs.make_pads(),
                                      runs.encrypt_with_pads(),
                                      runs.decrypt_with_pads()};
  const auto timings = alternate(contestants, {options.seconds});
  const double values = static_cast<double>(features * tokens);
  const double transform_ns = timings[0].median_s * 1e9 / transforms.coefficients();
  const auto up = static_cast<double>(request_frame_bytes(features, tokens)) / values;
  const auto down = static_cast<double>(reply_frame_bytes(features, tokens)) / values;
  for (std::size_t i = 0; i < contestants.size(); ++i) {
    const std::string& step = contestants[i].name;
    const double ns = i == 0 ? transform_ns : timings[i].median_s * 1e9 / values;
    Json row{{"level", to_string(level)},
             {"memory", memory_of(options)},
             {"features", features},
             {"tokens", tokens},
             {"step", step},
             {"ns_per_value", ns},
             {"transforms", ns / transform_ns},
             {"runs", timings[i].runs}};
    if (step == "encrypt") row["bytes_per_value"] = up;
    if (step == "decrypt") row["bytes_per_value"] = down;
    section.rows.push_back(std::move(row));
  }
}

/// 2048→2048 at 2048 tokens: the steps together and sgemm, in one alternation.
void add_whole(const Options& options, Section& section) {
  const Shape shape{2048, 2048, tokens};
  BlindRuns runs{shape.out, shape.in, shape.tokens, options.threads};
  std::vector<Contestant> contestants{runs.multiply(), runs.whole(), runs.whole_with_pads()};
  PlainProduct sgemm = openblas_sgemm(shape, options.threads);
  if (sgemm.run) contestants.push_back({sgemm.name, std::move(sgemm.run)});
  if (!sgemm.missing.empty()) section.notes.push_back(sgemm.missing);
  const auto timings = alternate(contestants, {options.seconds, thread_pause_s});
  for (std::size_t i = 0; i < contestants.size(); ++i) {
    Json row{{"level", to_string(simd_level())},
             {"memory", memory_of(options)},
             {"features", shape.in},
             {"tokens", tokens},
             {"step", contestants[i].name},
             {"kernel", runs.kernel_name()},
             {"median_ms", timings[i].median_s * 1e3},
             {"runs", timings[i].runs}};
    if (sgemm.missing.empty()) {
      row["ratio_to_sgemm"] = timings.back().median_s / timings[i].median_s;
    }
    section.rows.push_back(std::move(row));
  }
}

/// The other levels and the other treatment of memory, which need processes of their own.
void add_children(const Options& options, Section& section) {
  for (const auto level : {SimdLevel::avx512, SimdLevel::avx2, SimdLevel::portable}) {
    for (const bool keep_memory : {true, false}) {
      const bool is_done = level == simd_level() && keep_memory == options.keep_memory;
      if (level > simd_level() || is_done) continue;
      Options child = options;
      child.keep_memory = keep_memory;
      const auto rows = run_self_at(level, child);
      if (!rows) {
        section.notes.push_back(rows.error().detail);
        continue;
      }
      for (const Json& row : *rows) section.rows.push_back(row);
    }
  }
}

}  // namespace

Section client_section(const Options& options) {
  Section section{.name = "client",
                  .title = "client, one core (products: " + std::to_string(options.threads) +
                           " threads); bytes are whole frames, the ratio ours / sgemm",
                  .columns = {{"step", "step"},
                              {"level", "level"},
                              {"memory", "memory"},
                              {"features", "features"},
                              {"tokens", "tokens"},
                              {"ns_per_value", "ns/value", 2},
                              {"transforms", "transforms", 2},
                              {"bytes_per_value", "bytes/value", 4},
                              {"kernel", "product kernel"},
                              {"median_ms", "ms", 1},
                              {"ratio_to_sgemm", "of sgemm", 2},
                              {"runs", "runs"}}};
  const Transforms transforms{crypto::Params::named("rlwe2048").value()};
  for (const std::size_t features : {384U, 2048U}) {
    add_steps(features, transforms, options, section);
  }
  if (simd_level() != SimdLevel::portable) add_whole(options, section);  // seconds a run there
  if (options.one_level) return section;
  add_children(options, section);
  section.notes.push_back(
      "memory: with 'returned' (glibc's default) every large result consists of pages fresh from "
      "the system, with 'kept' the process keeps what it frees.");
  return section;
}

}  // namespace hippocrypt::bench
