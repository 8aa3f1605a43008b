#include "federation/client/solo_trainer.hpp"

#include <algorithm>

namespace hippocrypt::federation {
namespace {

/// The first multiple of `every` above `step`.
std::uint64_t next_multiple(std::uint64_t step, std::uint64_t every) {
  return (step / every + 1) * every;
}

}  // namespace

Stretch next_stretch(const SoloPlan& plan, std::uint64_t steps_done) {
  const std::uint64_t end =
      std::min({plan.total_steps(), next_multiple(steps_done, plan.steps_per_round),
                next_multiple(steps_done, plan.checkpoint_every)});
  return {steps_done / plan.steps_per_round + 1, steps_done, end - steps_done};
}

Status train_solo(LocalTrainer& trainer, const SoloPlan& plan, std::vector<float>& values,
                  const std::atomic<bool>& stop, const StepCallback& on_step,
                  const std::function<Status()>& keep) {
  while (trainer.steps_done() < plan.total_steps()) {
    const Stretch stretch = next_stretch(plan, trainer.steps_done());
    Status taken = trainer.take_steps(stretch, values, stop, [&](StepReport report) {
      report.step += stretch.first_step;
      on_step(report);
    });
    HIPPOCRYPT_TRY_VOID(check_converging(values));
    const std::uint64_t done = trainer.steps_done();
    const bool due = done % plan.checkpoint_every == 0 || done == plan.total_steps();
    if (taken && !due) continue;
    HIPPOCRYPT_TRY_VOID(keep());
    if (!taken) return taken;
  }
  return {};
}

}  // namespace hippocrypt::federation
