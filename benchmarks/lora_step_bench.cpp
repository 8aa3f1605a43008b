// A whole LoRA step of a small real model, every actor's part on the same cores, beside what
// PyTorch needs for it in fp32.

#include <algorithm>

#include "benchmarks/alternate.hpp"
#include "benchmarks/plain_products.hpp"
#include "benchmarks/sections.hpp"
#include "benchmarks/shaped_model.hpp"
#include "benchmarks/training_rig.hpp"

namespace hippocrypt::bench {
namespace {

constexpr std::size_t sequences = 8, length = 256;
/// PyTorch's multiplications of the step, and its speed in units of its own sgemm's: measured for
/// SmolLM2-135M's shape on two cores (README.md).
constexpr double torch_gmac = 551, torch_efficiency = 0.65;
constexpr std::size_t measured_steps = 3;

double sgemm_gmac_per_s(const Options& options) {
  const Shape shape{2048, 2048, 2048};
  PlainProduct sgemm = openblas_sgemm(shape, options.threads);
  if (!sgemm.run) return 0;
  const auto timing = alternate({{sgemm.name, sgemm.run}}, {1.0, 0});
  return shape.multiplications() / timing[0].median_s * 1e-9;
}

}  // namespace

Section lora_step_section(const Options& options) {
  Section section{.name = "lora_step",
                  .title = "LoRA step, 8 x 256 tokens, rank 8 on all matrices, " +
                           std::to_string(options.threads) + " threads for all actors together",
                  .columns = {{"phase", "phase"},
                              {"seconds", "s", 2},
                              {"share", "share", 3},
                              {"ratio_to_torch", "of PyTorch's time", 2}}};
  auto rig = TrainingRig::create(small_shape(), options);
  if (!rig) {
    section.notes.push_back(to_string(rig.error()));
    return section;
  }
  const double sgemm_before = sgemm_gmac_per_s(options);
  const model::Batch batch = (*rig)->batch(sequences, length);
  std::vector<TrainingRig::StepTimes> steps;
  for (std::size_t i = 0; i <= measured_steps; ++i) {
    auto times = (*rig)->step(batch);
    if (!times) {
      section.notes.push_back(to_string(times.error()));
      return section;
    }
    if (i != 0) steps.push_back(std::move(*times));  // the first one warms up
  }
  const double sgemm = (sgemm_before + sgemm_gmac_per_s(options)) / 2;
  std::sort(steps.begin(), steps.end(),
            [](const auto& a, const auto& b) { return a.total < b.total; });
  const TrainingRig::StepTimes& median = steps[steps.size() / 2];
  for (const auto& [phase, seconds] : median.phases) {
    section.rows.push_back(
        {{"phase", phase}, {"seconds", seconds}, {"share", seconds / median.total}});
  }
  Json total{{"phase", "total"},
             {"seconds", median.total},
             {"share", 1.0},
             {"loss", median.loss},
             {"runs", steps.size()}};
  if (sgemm > 0) {
    const double torch = torch_gmac / torch_efficiency / sgemm;
    total["ratio_to_torch"] = median.total / torch;
    section.peers.push_back(
        {{"phase", "PyTorch fp32, expected"}, {"seconds", torch}, {"sgemm_gmac_per_s", sgemm}});
  }
  section.rows.push_back(std::move(total));
  return section;
}

}  // namespace hippocrypt::bench
