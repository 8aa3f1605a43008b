// The precomputation of a matrix: W times the masks mod q, one product of full width. Expected: a
// fourth limb (or double arithmetic) makes it slower than the product of as many columns.

#include "benchmarks/alternate.hpp"
#include "benchmarks/plain_products.hpp"
#include "benchmarks/sections.hpp"
#include "benchmarks/workload.hpp"

namespace hippocrypt::bench {
namespace {

void add_shape(Shape shape, const crypto::Params& params, const Options& options,
               Section& section) {
  const Weights weights = random_weights(shape.out, shape.in);
  const crypto::LanePolys masks = random_polys(params, shape.in);
  PlainProduct sgemm = openblas_sgemm(shape, options.threads);
  std::vector<Contestant> contestants{
      {"hints", [&] { crypto::compute_hints(weights.view(), masks.view(), options.threads); }}};
  if (sgemm.run) contestants.push_back({sgemm.name, std::move(sgemm.run)});
  const auto timings = alternate(contestants, {options.seconds, thread_pause_s});
  Json row{{"shape", {shape.out, shape.in, shape.tokens}},
           {"median_ms", timings[0].median_s * 1e3},
           {"fastest_ms", timings[0].fastest_s * 1e3},
           {"gmac_per_s", shape.multiplications() / timings[0].median_s * 1e-9},
           {"bytes_per_output_row", params.ring_dim() * sizeof(std::uint32_t)},
           {"runs", timings[0].runs}};
  if (timings.size() > 1) row["ratio_to_sgemm"] = timings[1].median_s / timings[0].median_s;
  section.rows.push_back(std::move(row));
  if (section.rows.size() == 1 && !sgemm.missing.empty()) section.notes.push_back(sgemm.missing);
}

}  // namespace

Section hints_section(const Options& options) {
  Section section{.name = "hints",
                  .title = "hints, " + std::to_string(options.threads) +
                           " threads; shape is outputs x inputs x N, the ratio ours / sgemm",
                  .columns = {{"shape", "shape"},
                              {"median_ms", "ms", 1},
                              {"gmac_per_s", "G MAC/s", 1},
                              {"ratio_to_sgemm", "of sgemm", 2},
                              {"bytes_per_output_row", "bytes/output row"},
                              {"runs", "runs"}}};
  const crypto::Params params = crypto::Params::named("rlwe2048").value();
  add_shape({2048, 2048, params.ring_dim()}, params, options, section);
  add_shape({2048, 384, params.ring_dim()}, params, options, section);
  return section;
}

}  // namespace hippocrypt::bench
