#include "federation/client/durable_rounds.hpp"

#include "federation/client/step_journal.hpp"

namespace hippocrypt::federation {
namespace {

/// A journal of another round, or of another start, is none of this one.
Hash256 identity_of(const RoundStart& start, const Hash256& hash) {
  return Sha256{}
      .add_field("hippocrypt round 1")
      .add_u64(start.round)
      .add_field(ByteView{hash})
      .finish();
}

/// They are in the file.
void forget_vectors(RoundState& state) {
  state.training.values = {};
  state.training.optimizer = {};
  state.local = {};
}

using Replay = std::function<Status(const JournalRecord&)>;

Result<StepJournal> open_journal(const std::filesystem::path& path, const Hash256& identity,
                                 std::uint64_t first_step, const Replay& replay,
                                 const privacy::LotStageHook& on_stage) {
  auto journal = StepJournal::open(path, identity, first_step, replay, on_stage);
  if (journal || journal.error().code != Errc::mismatch) return journal;
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  return StepJournal::open(path, identity, first_step, replay, on_stage);
}

}  // namespace

bool DurableRounds::is_begun(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder / "rounds.state", ignored);
}

Result<std::unique_ptr<DurableRounds>> DurableRounds::open(LocalSite& site,
                                                           std::filesystem::path folder,
                                                           CrashHook on_point) {
  std::unique_ptr<DurableRounds> rounds{
      new DurableRounds{site, std::move(folder), std::move(on_point)}};
  HIPPOCRYPT_TRY(auto state, load_round_state(rounds->state_file()));
  if (!state) return rounds;
  rounds->before_ = {state->training.bytes_up, state->training.bytes_down};
  HIPPOCRYPT_TRY_VOID(rounds->take(std::move(state)));
  return rounds;
}

/// The trainer goes on from `state`.
Status DurableRounds::take(std::optional<RoundState> state) {
  Checkpoint& training = state->training;
  if (!training.values.empty() && training.values.size() != site_.trainer().round_size()) {
    return Error{Errc::mismatch, "the kept update has another size than the adapter"};
  }
  HIPPOCRYPT_TRY_VOID(site_.trainer().restore(std::move(training.optimizer), training.steps_done,
                                              state->next_step));
  site_.engine().restore_clip(training.clip);
  HIPPOCRYPT_TRY_VOID(site_.trainer().restore_local_state(state->local));
  if (settled_ && state->round == state_.round) site_.trainer().settle_round(*settled_);
  forget_vectors(*state);
  state_ = std::move(*state);
  return {};
}

void DurableRounds::settle(std::uint32_t round, bool counted) {
  if (round != state_.round || settled_) return;
  settled_ = counted;
  site_.trainer().settle_round(counted);
}

Status DurableRounds::keep(RoundState next) {
  HIPPOCRYPT_TRY_VOID(save_round_state(state_file(), next));
  adopt(std::move(next));
  return {};
}

void DurableRounds::adopt(RoundState kept) {
  forget_vectors(kept);
  settled_.reset();
  state_ = std::move(kept);
}

Status DurableRounds::keep_start(double loss_before) {
  RoundState start = state_;
  start.training.loss_before = loss_before;
  start.training.clip = site_.engine().clip();
  start.training.optimizer = site_.trainer().optimizer_state();
  start.local = site_.trainer().local_state();
  return keep(std::move(start));
}

Result<std::vector<float>> DurableRounds::train_journalled(const RoundStart& start,
                                                           const Hash256& hash,
                                                           const std::atomic<bool>& stop,
                                                           const StepCallback& on_step) {
  LocalTrainer& trainer = site_.trainer();
  const std::uint32_t steps = site_.config().run.steps_per_round;
  const std::uint64_t first_step = std::uint64_t{start.round - 1} * steps;
  privacy::LotStageHook on_stage;
  if (on_point_) {
    on_stage = [this, round = start.round](privacy::LotStage stage) {
      reach(privacy::to_string(stage), round);
    };
  }
  site_.engine().watch(on_stage);
  std::optional<StepJournal> journal;
  const auto replay_kept = [&](std::vector<float>& values) -> Result<std::uint64_t> {
    std::uint64_t kept = 0;
    const auto replay = [&](const JournalRecord& record) -> Status {
      if (kept == steps) return {};
      ++kept;
      HIPPOCRYPT_TRY_VOID(trainer.replay(record.step, record.update, values));
      site_.engine().restore_clip(record.clip);
      return {};
    };
    HIPPOCRYPT_TRY(journal, open_journal(folder_ / "steps.journal", identity_of(start, hash),
                                         first_step, replay, on_stage));
    return kept;
  };
  trainer.keep_updates([&journal](std::uint64_t step, std::span<const float> update, double clip) {
    return journal->append(step, update, clip);
  });
  auto trained = trainer.train_round(start.round, steps, start.values, stop, on_step, replay_kept);
  trainer.keep_updates({});
  return trained;
}

Result<Update> DurableRounds::answer_again() const {
  HIPPOCRYPT_TRY(auto kept, load_round_state(state_file()));
  if (!kept) return Error{Errc::not_found, state_file().string() + " is gone"};
  Update update;
  update.round = kept->round;
  update.status = kept->status;
  update.reason = std::move(kept->reason);
  update.values = std::move(kept->training.values);
  return update;
}

Result<Update> DurableRounds::train(const RoundStart& start, const std::atomic<bool>& stop,
                                    const StepCallback& on_step,
                                    const std::function<Traffic()>& traffic) {
  const Hash256 hash = start_hash(start.values);
  if (start.round == state_.round && hash == state_.start) return answer_again();
  if (start.round <= state_.round) {
    return Error{Errc::stale, "round " + std::to_string(start.round) +
                                  " is asked for after round " + std::to_string(state_.round) +
                                  " was answered"};
  }
  // Where to go back to.
  if (!is_begun(folder_)) HIPPOCRYPT_TRY_VOID(keep_start(state_.training.loss_before));
  reach("round begun", start.round);
  auto trained = train_journalled(start, hash, stop, on_step);
  const bool no_budget = !trained && trained.error().code == Errc::budget_exhausted;
  if (!trained) {
    HIPPOCRYPT_TRY(auto last, load_round_state(state_file()));
    if (last) HIPPOCRYPT_TRY_VOID(take(std::move(last)));
    if (!no_budget) return std::move(trained).error();
  }
  RoundState next = state_;
  next.round = start.round;
  next.start = hash;
  if (no_budget) {
    next.status = UpdateStatus::sat_out;
    next.reason = "sits out: " + trained.error().detail;
    ++next.rounds_sat_out;
  } else {
    next.status = UpdateStatus::contributed;
    next.reason.clear();
    next.training.values = std::move(trained).value();
    next.next_step = std::uint64_t{start.round} * site_.config().run.steps_per_round;
  }
  next.training.steps_done = site_.trainer().steps_done();
  next.training.clip = site_.engine().clip();
  next.training.optimizer = site_.trainer().optimizer_state();
  next.local = site_.trainer().local_state();
  const Traffic moved = total(traffic());
  next.training.bytes_up = moved.up;
  next.training.bytes_down = moved.down;
  Update update;
  update.round = start.round;
  update.status = next.status;
  update.reason = next.reason;
  reach("round trained", start.round);
  HIPPOCRYPT_TRY_VOID(save_round_state(state_file(), next));
  update.values = std::move(next.training.values);
  adopt(std::move(next));
  reach("round kept", start.round);
  return update;
}

}  // namespace hippocrypt::federation
