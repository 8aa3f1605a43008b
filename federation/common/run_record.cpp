#include "federation/common/run_record.hpp"

#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/file.hpp"
#include "base/format_version.hpp"
#include "federation/common/ledger_place.hpp"

namespace hippocrypt::federation {
namespace {

using nlohmann::json;

constexpr std::uint64_t record_version = 1;
constexpr std::size_t record_limit_bytes = 16U << 20;
constexpr const char* claim_file = "lock";

double number(const json& value, double if_null) {
  return value.is_null() ? if_null : value.get<double>();
}

/// Numbers that are not finite are written as null.
json to_json(const HospitalRecord& hospital) {
  return {{"name", hospital.name},
          {"ledger", hospital.ledger},
          {"budget", hospital.budget},
          {"loss_before", hospital.loss_before},
          {"loss_after", hospital.loss_after},
          {"epsilon", hospital.epsilon},
          {"delta_overflow", hospital.delta_overflow},
          {"steps", hospital.steps},
          {"rounds_sat_out", hospital.rounds_sat_out},
          {"failure", hospital.failure}};
}

HospitalRecord hospital_from(const json& value) {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  constexpr double infinite = std::numeric_limits<double>::infinity();
  HospitalRecord hospital;
  hospital.name = value.at("name").get<std::string>();
  hospital.ledger = value.at("ledger").get<std::string>();
  hospital.budget = number(value.at("budget"), infinite);
  hospital.loss_before = number(value.at("loss_before"), unknown);
  hospital.loss_after = number(value.at("loss_after"), unknown);
  hospital.epsilon = number(value.at("epsilon"), infinite);
  hospital.delta_overflow = number(value.at("delta_overflow"), unknown);
  hospital.steps = value.at("steps").get<std::uint64_t>();
  hospital.rounds_sat_out = value.at("rounds_sat_out").get<std::uint32_t>();
  hospital.failure = value.at("failure").get<std::string>();
  return hospital;
}

json to_json(const std::optional<ForwardRecord>& forward) {
  if (!forward) return nullptr;
  return {{"delta", forward->delta},       {"budget", forward->budget},
          {"clip", forward->clip},         {"noise_multiplier", forward->noise_multiplier},
          {"features", forward->features}, {"tokens", forward->tokens}};
}

/// Runs of earlier versions have none.
std::optional<ForwardRecord> forward_from(const json& record) {
  const auto found = record.find("dp_forward");
  if (found == record.end() || found->is_null()) return std::nullopt;
  return ForwardRecord{found->at("delta").get<double>(),
                       number(found->at("budget"), std::numeric_limits<double>::infinity()),
                       found->at("clip").get<double>(),
                       found->at("noise_multiplier").get<double>(),
                       found->at("features").get<std::uint64_t>(),
                       found->at("tokens").get<std::uint64_t>()};
}

RunStatus status_from(const std::string& name) {
  for (const auto status : {RunStatus::running, RunStatus::finished, RunStatus::interrupted}) {
    if (name == to_string(status)) return status;
  }
  return RunStatus::failed;
}

RunRecord record_from(const json& value) {
  RunRecord record;
  record.run = value.at("run").get<std::string>();
  record.status = status_from(value.at("status").get<std::string>());
  record.oracle = value.at("oracle").get<std::string>();
  record.delta = value.at("delta").get<double>();
  record.rounds = value.at("rounds").get<std::uint32_t>();
  record.rounds_planned = value.at("rounds_planned").get<std::uint32_t>();
  record.steps_per_round = value.at("steps_per_round").get<std::uint32_t>();
  record.sampling_rate = value.at("sampling_rate").get<double>();
  record.noise_multiplier = value.at("noise_multiplier").get<double>();
  record.seconds = value.at("seconds").get<double>();
  record.bytes_up = value.at("bytes_up").get<std::uint64_t>();
  record.bytes_down = value.at("bytes_down").get<std::uint64_t>();
  record.adapter = value.at("adapter").get<std::string>();
  record.dp_forward = forward_from(value);
  for (const auto& hospital : value.at("hospitals")) {
    record.hospitals.push_back(hospital_from(hospital));
  }
  return record;
}

}  // namespace

const char* to_string(RunStatus status) {
  switch (status) {
    case RunStatus::running:
      return "running";
    case RunStatus::finished:
      return "finished";
    case RunStatus::interrupted:
      return "interrupted";
    case RunStatus::failed:
      return "failed";
  }
  return "unknown";
}

Status save_run_record(const std::filesystem::path& run_folder, const RunRecord& record) {
  json hospitals = json::array();
  for (const auto& hospital : record.hospitals) hospitals.push_back(to_json(hospital));
  const json value{{"version", record_version},
                   {"run", record.run},
                   {"status", to_string(record.status)},
                   {"oracle", record.oracle},
                   {"delta", record.delta},
                   {"rounds", record.rounds},
                   {"rounds_planned", record.rounds_planned},
                   {"steps_per_round", record.steps_per_round},
                   {"sampling_rate", record.sampling_rate},
                   {"noise_multiplier", record.noise_multiplier},
                   {"seconds", record.seconds},
                   {"bytes_up", record.bytes_up},
                   {"bytes_down", record.bytes_down},
                   {"adapter", record.adapter},
                   {"dp_forward", to_json(record.dp_forward)},
                   {"hospitals", hospitals}};
  return write_file_atomically(run_folder / "run.json", as_bytes(value.dump(2) + "\n"));
}

Result<RunRecord> load_run_record(const std::filesystem::path& run_folder) {
  const auto path = run_folder / "run.json";
  HIPPOCRYPT_TRY(const auto text, read_text_file(path, record_limit_bytes));
  try {
    const json value = json::parse(text);
    HIPPOCRYPT_TRY_VOID(
        check_version(path.string(), value.at("version").get<std::uint64_t>(), record_version));
    RunRecord record = record_from(value);
    const bool runs =
        record.status == RunStatus::running && FileLock::is_held(run_folder / claim_file);
    if (record.status == RunStatus::running && !runs) record.status = RunStatus::interrupted;
    return record;
  } catch (const json::exception& error) {
    return Error{Errc::malformed, path.string() + ": " + error.what()};
  }
}

Result<std::filesystem::path> find_run_folder(const std::string& run) {
  for (const auto& folder : {std::filesystem::path{run}, std::filesystem::path{"runs"} / run}) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(folder / "run.json", ignored)) return folder;
  }
  return Error{Errc::not_found, "no run '" + run + "': neither it nor runs/" + run +
                                    " holds a run.json; `simulate` prints its run folder"};
}

Result<std::filesystem::path> create_run_folder(const std::filesystem::path& runs,
                                                const std::string& name) {
  std::error_code failure;
  std::filesystem::create_directories(runs, failure);
  for (int suffix = 1; suffix < 10000 && !failure; ++suffix) {
    const auto folder = runs / (suffix == 1 ? name : name + "-" + std::to_string(suffix));
    if (std::filesystem::create_directory(folder, failure)) return folder;  // false: it exists
  }
  return Error{Errc::io, runs.string() + ": cannot create a run folder for '" + name + "'" +
                             (failure ? ": " + failure.message() : std::string{})};
}

Result<FileLock> claim_run(const std::filesystem::path& run_folder) {
  constexpr int tries = 10;  // somebody who only looks holds it for a moment
  constexpr std::chrono::milliseconds pause{20};
  for (int i = 0; i < tries; ++i) {
    auto claim = FileLock::try_take(run_folder / claim_file);
    if (claim || claim.error().code != Errc::unavailable) return claim;
    std::this_thread::sleep_for(pause);
  }
  return Error{Errc::unavailable, run_folder.string() +
                                      " is being run by another process; wait for its end, or stop "
                                      "it before this one goes on"};
}

std::filesystem::path noise_seed_file(const std::filesystem::path& run_folder,
                                      const std::string& hospital) {
  return run_folder / "hospitals" / hospital / "dp_forward.seed";
}

RunRecord start_record(const FederationConfig& config, std::span<const HospitalConfig> hospitals,
                       const std::filesystem::path& run_folder) {
  RunRecord record;
  record.run = run_folder.filename().string();
  record.oracle = to_string(config.encryption.oracle);
  record.delta = config.privacy.delta;
  record.rounds_planned = config.run.rounds;
  record.steps_per_round = config.run.steps_per_round;
  record.sampling_rate = config.privacy.sampling_rate;
  record.noise_multiplier = config.privacy.noise_multiplier;
  for (const auto& hospital : hospitals) {
    HospitalRecord entry;
    entry.name = hospital.name;
    entry.ledger = ledger_of(config.privacy, hospital.name).string();
    entry.budget = config.budget_of(hospital);
    entry.loss_before = entry.loss_after = std::numeric_limits<double>::quiet_NaN();
    record.hospitals.push_back(std::move(entry));
  }
  return record;
}

}  // namespace hippocrypt::federation
