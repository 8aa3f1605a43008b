#pragma once
// How long a step takes on this machine, and how much memory: a hospital is set up as the run would
// set it up, on a ledger of its own in a scratch folder, and takes real steps.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "federation/common/federation_config.hpp"

namespace hippocrypt::cli {

struct CalibrationOptions {
  federation::FederationConfig config;
  std::size_t hospital = 0;       ///< which of config.hospitals
  std::size_t threads = 1;        ///< of the hospital's own work, as the run will have
  double seconds = 8;             ///< no step is begun that would end later, after the set-up
  std::filesystem::path scratch;  ///< for ledgers that charge for nobody
  std::function<void(const std::string&)> on_note;  ///< may be empty
};

/// Of one hospital that has the machine to itself.
struct Calibration {
  double set_up_seconds = 0;  ///< weights opened and hints made
  double site_seconds = 0;    ///< its notes read and its ledger opened
  double step_seconds = 0, step_processor_seconds = 0;
  double evaluation_seconds = 0, evaluation_processor_seconds = 0;
  std::uint64_t steps = 0;       ///< how many were measured
  double share = 1;              ///< of a step's tokens that were; below 1 the figures are scaled
  std::uint64_t base_bytes = 0;  ///< resident before the hospital was set up
  std::uint64_t hospital_bytes = 0;  ///< that it took at its peak
};

/// Errors: those of opening the model, of OracleSession, LocalSite and LocalTrainer; limit_exceeded
/// (a model whose set-up alone would take too long).
Result<Calibration> calibrate(const CalibrationOptions& options);

}  // namespace hippocrypt::cli
