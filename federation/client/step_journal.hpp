#pragma once
// The updates of the steps since the last checkpoint, each durable before it moves the adapter. A
// killed run that goes on applies them again instead of paying for new lots: what has its noise
// may be used as often as one likes. At most the lot that was under way is lost.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/descriptor.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"
#include "privacy/dp_sgd/lot_stage.hpp"

namespace hippocrypt::federation {

/// One step's privatized update.
struct JournalRecord {
  std::uint64_t step = 0;  ///< of the whole training, from 0
  double clip = 0;         ///< the clip norm after it
  std::vector<float> update;
};

/// Layout: magic "HPSJ", u32 version, 32 bytes of the run's identity, u64 first step, SHA-256 of
/// all that; then records: u64 step, f64 clip, u64 count, count floats, SHA-256 of the hash before
/// and these. Not thread-safe; one process at a time.
class StepJournal {
 public:
  /// Opens `path` for a run that has taken `steps_done` steps and hands each whole record from
  /// there on to `replay`, in order; a torn tail is cut off, and what a checkpoint already holds is
  /// passed over. A missing file is made, and so is one that begins later than `steps_done` (the
  /// run goes on from an older checkpoint) made anew. `run` identifies the configuration, model and
  /// data. Errors: io, tampered (a damaged head), unsupported (another version),
  /// mismatch (another run's), those of `replay`.
  static Result<StepJournal> open(const std::filesystem::path& path, const Hash256& run,
                                  std::uint64_t steps_done,
                                  const std::function<Status(const JournalRecord&)>& replay,
                                  privacy::LotStageHook on_stage = {});

  /// Durable when it returns. After an error nothing of it is left. Errors: io.
  Status append(std::uint64_t step, std::span<const float> update, double clip);
  /// Forgets all records: a checkpoint holds the first `steps_done` steps. Errors: io.
  Status drop(std::uint64_t steps_done);

 private:
  StepJournal(std::filesystem::path path, const Hash256& run, privacy::LotStageHook on_stage);
  /// Errors: io.
  Status begin(std::uint64_t first_step);
  /// Errors: io.
  void reach(privacy::LotStage stage) const;

  std::filesystem::path path_;
  Hash256 run_;
  privacy::LotStageHook on_stage_;
  std::unique_ptr<Descriptor> file_;
  Hash256 last_{};          ///< hash of the last whole record, or of the head
  std::uint64_t size_ = 0;  ///< bytes up to it
};

}  // namespace hippocrypt::federation
