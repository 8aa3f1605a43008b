#pragma once
// run.json: what a run folder says about its run, for the commands that come later.

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/file_lock.hpp"
#include "base/result.hpp"
#include "federation/common/federation_config.hpp"

namespace hippocrypt::federation {

struct HospitalRecord {
  std::string name;
  std::string ledger;                      ///< path, relative to the run folder or absolute
  double budget = 0;                       ///< epsilon; may be infinite
  double loss_before = 0, loss_after = 0;  ///< NaN while unknown
  double epsilon = 0;
  double delta_overflow = 0;
  std::uint64_t steps = 0;
  std::uint32_t rounds_sat_out = 0;
  std::string failure;
};

/// DP-Forward as the run used it; its account is in the ledgers, apart from DP-SGD's.
struct ForwardRecord {
  double delta = 0;
  double budget = 0;  ///< epsilon of a sequence; may be infinite
  double clip = 0;
  double noise_multiplier = 0;  ///< standard deviation over the sensitivity 2·clip
  std::uint64_t features = 0, tokens = 0;
};

enum class RunStatus : std::uint8_t { running, finished, interrupted, failed };
const char* to_string(RunStatus status);

struct RunRecord {
  std::string run;
  RunStatus status = RunStatus::running;
  std::string oracle;
  double delta = 0;
  std::uint32_t rounds = 0;  ///< completed
  std::uint32_t rounds_planned = 0;
  std::uint32_t steps_per_round = 0;
  double sampling_rate = 0;     ///< q
  double noise_multiplier = 0;  ///< sigma
  double seconds = 0;
  std::uint64_t bytes_up = 0, bytes_down = 0;
  std::string adapter;  ///< folder, empty while there is none
  std::optional<ForwardRecord> dp_forward;
  std::vector<HospitalRecord> hospitals;
};

/// Atomic. Infinite and unknown numbers are null. Errors: io.
Status save_run_record(const std::filesystem::path& run_folder, const RunRecord& record);
/// A run that says it is running, but that no process has claimed, was killed: it is interrupted.
/// Errors: not_found (no such run), io, malformed (names the key), unsupported (another version).
Result<RunRecord> load_run_record(const std::filesystem::path& run_folder);

/// RUN as a user names it: a folder with a run.json, or a name under runs/. Errors: not_found.
Result<std::filesystem::path> find_run_folder(const std::string& run);
/// runs/NAME, or the first of runs/NAME-2, runs/NAME-3 … that does not exist: runs are never
/// overwritten.
Result<std::filesystem::path> create_run_folder(const std::filesystem::path& runs,
                                                const std::string& name);

/// Whoever runs the run holds this until it ends, however it ends. Errors: io; unavailable (another
/// process is at it).
Result<FileLock> claim_run(const std::filesystem::path& run_folder);

/// Where a run keeps a hospital's secret for DP-Forward's noise.
std::filesystem::path noise_seed_file(const std::filesystem::path& run_folder,
                                      const std::string& hospital);

/// The record of a run that begins in `run_folder`: what `config` says, with an entry for each of
/// `hospitals`, losses unknown.
RunRecord start_record(const FederationConfig& config, std::span<const HospitalConfig> hospitals,
                       const std::filesystem::path& run_folder);

}  // namespace hippocrypt::federation
