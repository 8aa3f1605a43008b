// hippocrypt train: one hospital by itself, from one TOML.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <optional>

#include "cli/audit/invocation.hpp"
#include "cli/commands/commands.hpp"
#include "cli/commands/forward_accounts.hpp"
#include "cli/config/load_config.hpp"
#include "cli/config/suggest.hpp"
#include "cli/support/interrupt.hpp"
#include "cli/support/output.hpp"
#include "cli/training/train_run.hpp"
#include "federation/common/federation_config.hpp"

namespace hippocrypt::cli {
namespace {

struct TrainFlags {
  std::string config;
  std::vector<std::string> overrides;
  std::optional<std::string> oracle;
  std::optional<std::string> hospital;
  std::optional<std::string> resume;
  std::string runs = "runs";
  bool json = false;
};

/// The word as a shell takes it.
std::string quoted(const std::string& word) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view{"-_./=:,+"}.find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out.push_back(c);
    }
  }
  return out + "'";
}

std::string resume_command(const TrainFlags& flags) {
  std::string command = "hippocrypt train " + quoted(flags.config);
  for (const auto& text : flags.overrides) command += " --set " + quoted(text);
  if (flags.oracle) command += " --oracle " + quoted(*flags.oracle);
  if (flags.hospital) command += " --hospital " + quoted(*flags.hospital);
  return command + " --resume";
}

/// Which hospital is meant. Errors: invalid_config.
Result<std::size_t> choose_hospital(const TrainFlags& flags,
                                    const std::vector<federation::HospitalConfig>& hospitals) {
  std::vector<std::string> names;
  for (const auto& hospital : hospitals) names.push_back(hospital.name);
  const std::string list = word_list(names, "or");
  if (!flags.hospital) {
    if (hospitals.size() == 1) return std::size_t{0};
    return Error{Errc::invalid_config, flags.config + " names " + std::to_string(hospitals.size()) +
                                           " hospitals; choose one by --hospital: " + list};
  }
  const auto found = std::find(names.begin(), names.end(), *flags.hospital);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  return Error{Errc::invalid_config,
               "--hospital " + *flags.hospital + ": no such hospital; there is " + list};
}

/// The run's folder: the name under --runs, or a path. Errors: not_found.
Result<std::filesystem::path> resumed_folder(const TrainFlags& flags) {
  const auto named = std::filesystem::path{flags.runs} / *flags.resume;
  std::error_code ignored;
  if (std::filesystem::is_regular_file(named / "run.json", ignored)) return named;
  return federation::find_run_folder(*flags.resume);
}

std::string number(double value, int digits) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : std::string{"-"};
}

void show(const TrainProgress& progress, bool is_private) {
  std::string line = fmt::format("step {}/{}: loss {}, learning rate {:.3g}, ", progress.step,
                                 progress.steps, number(progress.loss, 4), progress.learning_rate);
  if (is_private) line += fmt::format("epsilon {}, ", number(progress.epsilon, 4));
  line += fmt::format("{:.0f} tokens/s", progress.tokens_per_second);
  if (progress.rejected > 0) {
    line += fmt::format(", {} gradients were not finite and added nothing", progress.rejected);
  }
  std::cerr << line << '\n' << std::flush;
}

nlohmann::ordered_json to_json(const TrainResult& result, federation::PrivacyUnit unit,
                               const std::vector<HospitalForward>& forward) {
  const auto& record = result.record;
  const auto& hospital = record.hospitals.front();
  return {{"run", result.run_folder.string()},
          {"oracle", record.oracle},
          {"hospital", hospital.name},
          {"steps", hospital.steps},
          {"loss_before", hospital.loss_before},
          {"loss_after", hospital.loss_after},
          {"epsilon", hospital.epsilon},
          {"delta", record.delta},
          {"delta_total", record.delta + hospital.delta_overflow},
          {"unit", to_string(unit)},
          {"relation", "add_remove"},
          {"budget", hospital.budget},
          {"seconds", record.seconds},
          {"bytes_up", record.bytes_up},
          {"bytes_down", record.bytes_down},
          {"adapter", record.adapter},
          {"dp_forward", forward_json(forward)}};
}

/// The adapter's epsilon and what it means.
std::string claim_text(const federation::RunRecord& record, federation::PrivacyUnit unit) {
  if (!(record.noise_multiplier > 0)) return "the adapter has no differential privacy\n";
  const auto& hospital = record.hospitals.front();
  return fmt::format(
      "epsilon {} at delta {:.6g}, add or remove one {}, with all that is on record for these "
      "notes; budget {}\n",
      number(hospital.epsilon, 4), record.delta + hospital.delta_overflow, to_string(unit),
      std::isfinite(hospital.budget) ? fmt::format("{:g}", hospital.budget)
                                     : std::string{"unlimited"});
}

void print_result(const TrainResult& result, federation::PrivacyUnit unit,
                  const std::vector<HospitalForward>& forward) {
  const auto& record = result.record;
  const auto& hospital = record.hospitals.front();
  std::cout << fmt::format("{}: held-out loss {} before, {} after {} steps ({:+.2f} %)\n",
                           hospital.name, number(hospital.loss_before, 4),
                           number(hospital.loss_after, 4), hospital.steps,
                           100 * (hospital.loss_after / hospital.loss_before - 1));
  std::cout << claim_text(record, unit);
  std::cout << forward_text(record, forward);
  std::cout << fmt::format(
      "{:.1f} s, oracle {}; {:.1f} MB to the blind server, {:.1f} MB back\n"
      "adapter: {}\nrun:     {}\n",
      record.seconds, record.oracle, static_cast<double>(record.bytes_up) / 1e6,
      static_cast<double>(record.bytes_down) / 1e6, record.adapter, result.run_folder.string());
}

void warn(const federation::FederationConfig& config) {
  if (!(config.privacy.noise_multiplier > 0)) {
    std::cerr << "warning: privacy.noise_multiplier is 0: this adapter is trained without "
                 "differential privacy and may repeat what patients' notes say\n";
  }
  const auto params = federation::params_of(config.encryption);
  if (config.encryption.uses_server() && params && !params->warning().empty()) {
    std::cerr << "warning: " << params->warning() << '\n';
  }
}

Status run_train(const TrainFlags& flags) {
  std::vector<std::string> overrides = flags.overrides;
  if (flags.oracle) overrides.push_back("encryption.oracle=\"" + *flags.oracle + "\"");
  TrainOptions options;
  HIPPOCRYPT_TRY(options.config, load_config(flags.config, overrides));
  HIPPOCRYPT_TRY(options.hospital, choose_hospital(flags, options.config.hospitals));
  if (flags.resume) {
    HIPPOCRYPT_TRY(options.resume, resumed_folder(flags));
  }
  options.runs = flags.runs;
  options.resume_command = resume_command(flags);
  options.stop = &install_interrupt_handler();
  const bool is_private = options.config.privacy.noise_multiplier > 0;
  options.on_progress = [is_private](const TrainProgress& progress) { show(progress, is_private); };
  options.on_note = [](const std::string& line) { std::cerr << line << '\n' << std::flush; };
  warn(options.config);
  HIPPOCRYPT_TRY(const auto result, train(options));
  HIPPOCRYPT_TRY_VOID(save_invocation(result.run_folder, {flags.config, overrides}));
  HIPPOCRYPT_TRY(const auto forward, read_forward_accounts(result.run_folder, result.record));
  if (flags.json) {
    print_json(std::cout, to_json(result, options.config.privacy.unit, forward));
  } else {
    print_result(result, options.config.privacy.unit, forward);
  }
  return {};
}

}  // namespace

void add_train(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "train", "Fine-tune an adapter at one hospital, without a federation; can be resumed");
  const auto flags = std::make_shared<TrainFlags>();
  command->add_option("config", flags->config, "The hospital's TOML file")->required();
  command
      ->add_option("--set", flags->overrides,
                   "key=value over the file, as run.rounds=3 or training.learning_rate=1e-4; "
                   "repeatable")
      ->allow_extra_args(false);
  command->add_option("--oracle", flags->oracle,
                      "plain-fp32, plain-int8, encrypted or encrypted-lwe, over the file's choice");
  command->add_option("--hospital", flags->hospital, "Which hospital, if the file names several");
  command->add_option("--resume", flags->resume,
                      "Go on with this run (its name or folder) from its newest checkpoint");
  command->add_option("--runs", flags->runs, "Where run folders go")->capture_default_str();
  command->add_flag("--json", flags->json, "Print the result as JSON");
  command->footer(
      "Examples:\n  hippocrypt train configs/train_one_hospital.toml\n"
      "  hippocrypt train configs/train_one_hospital.toml --resume train_one_hospital");
  command->callback([flags, &exit_code] {
    const Status status = run_train(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
