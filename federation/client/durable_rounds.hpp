#pragma once
// A hospital's rounds that survive its process: the noisy updates of the round under way are in a
// StepJournal, each before it moves the adapter; the state after a round is in a file before its
// update is sent. A round that is asked for again is answered from there, byte for byte.

#include <atomic>
#include <filesystem>
#include <memory>

#include "federation/client/local_site.hpp"
#include "federation/client/round_state.hpp"
#include "federation/common/crash_point.hpp"

namespace hippocrypt::federation {

class DurableRounds {
 public:
  /// Goes on from what is in `folder`, if anything is; `site` must outlive the object. Errors:
  /// those of load_round_state and LocalTrainer::restore, mismatch (an adapter of another size).
  static Result<std::unique_ptr<DurableRounds>> open(LocalSite& site, std::filesystem::path folder,
                                                     CrashHook on_point);
  /// Whether an earlier process has kept something in `folder`.
  static bool is_begun(const std::filesystem::path& folder);

  /// Without values and optimizer, which are in the file.
  const RoundState& state() const { return state_; }
  /// Nothing in an earlier process: the start is kept with its held-out loss. Errors: io.
  Status keep_start(double loss_before);

  /// Bytes that an oracle has moved.
  struct Traffic {
    std::uint64_t up = 0, down = 0;
  };
  /// Whether the update of `round` is in its round (LocalTrainer::settle_round).
  void settle(std::uint32_t round, bool counted);
  /// What an oracle of this process has moved, with what those of earlier ones had.
  Traffic total(Traffic now) const { return {before_.up + now.up, before_.down + now.down}; }
  /// The round's update, durable; the same again for the same start. After an error the trainer is
  /// as the last round that was answered left it; steps that were paid for are taken from the
  /// journal when the round is asked for again. Errors: those of LocalTrainer::train_round but
  /// budget_exhausted, which is an answer too; stale (a later round was answered); io.
  Result<Update> train(const RoundStart& start, const std::atomic<bool>& stop,
                       const StepCallback& on_step, const std::function<Traffic()>& traffic);

 private:
  DurableRounds(LocalSite& site, std::filesystem::path folder, CrashHook on_point)
      : site_{site}, folder_{std::move(folder)}, on_point_{std::move(on_point)} {}
  std::filesystem::path state_file() const { return folder_ / "rounds.state"; }
  void reach(std::string_view point, std::uint64_t round) const {
    if (on_point_) on_point_(point, round);
  }
  Status take(std::optional<RoundState> state);
  Result<std::vector<float>> train_journalled(const RoundStart& start, const Hash256& hash,
                                              const std::atomic<bool>& stop,
                                              const StepCallback& on_step);
  Result<Update> answer_again() const;
  Status keep(RoundState next);
  void adopt(RoundState kept);

  LocalSite& site_;
  std::filesystem::path folder_;
  CrashHook on_point_;
  RoundState state_;
  std::optional<bool> settled_;  ///< what settle() has said of state_.round
  Traffic before_;               ///< of earlier processes
};

}  // namespace hippocrypt::federation
