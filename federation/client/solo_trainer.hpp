#pragma once
// The training of one hospital by itself: rounds of steps, taken in stretches that end at every
// round and every checkpoint. Knows no files: whoever runs it keeps what it hands out.

#include <atomic>
#include <functional>
#include <vector>

#include "federation/client/local_trainer.hpp"

namespace hippocrypt::federation {

struct SoloPlan {
  std::uint64_t rounds = 1;
  std::uint64_t steps_per_round = 1;
  std::uint64_t checkpoint_every = 1;  ///< steps
  std::uint64_t total_steps() const { return rounds * steps_per_round; }
};

/// The next steps for which the budget is looked at together, after `steps_done` of the plan (fewer
/// than all). Each is charged by itself.
Stretch next_stretch(const SoloPlan& plan, std::uint64_t steps_done);

/// Takes every step of the plan that `trainer` has not done, from `values` on. `keep` is called
/// at the end of every stretch that reaches a multiple of checkpoint_every or the end, and before
/// an error is returned, unless that is not_finite. `on_step` gets steps of the whole training,
/// from 1. Errors: those of LocalTrainer::take_steps and of `keep`; not_finite (training diverged).
Status train_solo(LocalTrainer& trainer, const SoloPlan& plan, std::vector<float>& values,
                  const std::atomic<bool>& stop, const StepCallback& on_step,
                  const std::function<Status()>& keep);

}  // namespace hippocrypt::federation
