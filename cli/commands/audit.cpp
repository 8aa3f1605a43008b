// hippocrypt audit: what a run does, against what its ledger claims.

#include <fmt/format.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <tuple>

#include "cli/audit/audit_report.hpp"
#include "cli/audit/invocation.hpp"
#include "cli/audit/site_audit.hpp"
#include "cli/commands/commands.hpp"
#include "cli/support/interrupt.hpp"
#include "cli/support/output.hpp"
#include "cli/support/progress.hpp"
#include "cli/support/scratch_folder.hpp"
#include "federation/common/run_record.hpp"
#include "privacy/ledger/ledger.hpp"

namespace hippocrypt::cli {
namespace {

struct AuditFlags {
  std::string run;
  std::string config;
  std::vector<std::string> overrides;
  std::string hospital;
  std::size_t server_steps = 0;  // 0: the usual number
  bool quick = false;
  bool json = false;
};

/// Hospitals whose rows have the same constants and steps.
struct SameMechanism {
  std::string hospitals;
  std::vector<privacy::LedgerRow> rows;
};

bool same_rows(const std::vector<privacy::LedgerRow>& a, const std::vector<privacy::LedgerRow>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    const auto key = [](const privacy::LedgerEntry& entry) {
      return std::tuple{entry.sampling_rate, entry.noise_multiplier, entry.clip, entry.steps,
                        entry.clipping};
    };
    return key(x.entry) == key(y.entry);
  });
}

class Audit {
 public:
  Audit(const AuditFlags& flags, std::filesystem::path folder, federation::RunRecord record,
        ScratchFolder& scratch)
      : flags_{flags},
        folder_{std::move(folder)},
        record_{std::move(record)},
        scratch_{scratch},
        progress_{std::cerr, {progress_style_of_stderr(), terminal_columns()}} {
    report_.run = record_.run;
    report_.delta = record_.delta;
  }

  Result<AuditReport> run() {
    const auto begin = std::chrono::steady_clock::now();
    HIPPOCRYPT_TRY_VOID(find_config());
    HIPPOCRYPT_TRY_VOID(audit_mechanisms());
    if (config_) {
      HIPPOCRYPT_TRY_VOID(audit_members());
      HIPPOCRYPT_TRY_VOID(audit_server_view());
    }
    if (report_.checks.empty()) {
      return Error{Errc::out_of_range, "there is nothing to audit: " + report_.skipped.front()};
    }
    report_.set_thresholds();
    report_.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return std::move(report_);
  }

 private:
  bool is_chosen(const std::string& hospital) const {
    return flags_.hospital.empty() || flags_.hospital == hospital;
  }

  Status find_config() {
    std::optional<Invocation> named;
    if (!flags_.config.empty()) named = Invocation{flags_.config, flags_.overrides};
    auto config = config_of_run(folder_, named);
    if (config) {
      config_ = std::move(config).value();
      return {};
    }
    if (named) return config.error();
    report_.skipped.push_back("membership inference and the server's view: " +
                              config.error().detail);
    return {};
  }

  Result<std::vector<privacy::LedgerRow>> rows_of(const federation::HospitalRecord& hospital) {
    std::vector<privacy::LedgerRow> rows;
    if (hospital.steps == 0) return rows;
    HIPPOCRYPT_TRY(const auto ledger, privacy::Ledger::open(folder_ / hospital.ledger,
                                                            privacy::LedgerMode::must_exist));
    for (const auto& row : ledger.rows()) {
      const bool is_ours = row.entry.run == record_.run && row.entry.hospital == hospital.name;
      if (is_ours && row.entry.mechanism == privacy::Mechanism::poisson_sampled_gaussian) {
        rows.push_back(row);
      }
    }
    return rows;
  }

  Status audit_mechanisms() {
    std::vector<SameMechanism> mechanisms;
    for (const auto& hospital : record_.hospitals) {
      if (!is_chosen(hospital.name)) continue;
      HIPPOCRYPT_TRY(auto rows, rows_of(hospital));
      if (rows.empty()) {
        report_.skipped.push_back(hospital.name + "'s mechanism: it took no step in this run");
        continue;
      }
      const auto known =
          std::find_if(mechanisms.begin(), mechanisms.end(),
                       [&](const SameMechanism& other) { return same_rows(other.rows, rows); });
      if (known == mechanisms.end()) {
        mechanisms.push_back({hospital.name, std::move(rows)});
      } else {
        known->hospitals += ", " + hospital.name;
      }
    }
    for (auto& mechanism : mechanisms) HIPPOCRYPT_TRY_VOID(audit_one(std::move(mechanism)));
    return {};
  }

  Status audit_one(SameMechanism mechanism) {
    progress_.begin("mechanism of " + mechanism.hospitals, 4);
    MechanismAuditOptions options;
    options.rows = std::move(mechanism.rows);
    options.expected_lot = config_ ? config_->privacy.expected_lot : 1;
    options.delta = record_.delta;
    options.quick = flags_.quick;
    options.on_stage = [this](const std::string& what) { progress_.advance(1, what); };
    auto audited = audit_mechanism(options);
    if (!audited && audited.error().code == Errc::out_of_range) {
      report_.skipped.push_back(mechanism.hospitals + "'s mechanism: " + audited.error().detail);
      return {};
    }
    HIPPOCRYPT_TRY(auto audit, std::move(audited));
    progress_.end("done");
    if (audit.checked_kinds < audit.kinds_of_steps) {
      report_.skipped.push_back(fmt::format(
          "{}: noise, sampler and sensitivity of {} of {} kinds of steps, those with more noise",
          mechanism.hospitals, audit.kinds_of_steps - audit.checked_kinds, audit.kinds_of_steps));
    }
    report_.add(mechanism.hospitals, std::move(audit.results));
    audit.results.clear();
    report_.epsilons.push_back({mechanism.hospitals, std::move(audit)});
    return {};
  }

  /// Index in the configuration, if it is there.
  std::optional<std::size_t> index_of(const std::string& hospital) const {
    for (std::size_t i = 0; i < config_->hospitals.size(); ++i) {
      if (config_->hospitals[i].name == hospital) return i;
    }
    return {};
  }

  SiteAuditOptions site_options(std::size_t hospital) {
    return {*config_, hospital, scratch_.next(), &interrupt_flag()};
  }

  /// What the hospital's claim for this run is, for the limit on what anybody may find.
  double claimed_epsilon(const std::string& hospital) const {
    for (const auto& record : record_.hospitals) {
      if (record.name == hospital) return record.epsilon;
    }
    return std::numeric_limits<double>::infinity();
  }

  Status audit_members() {
    if (record_.adapter.empty()) {
      report_.skipped.push_back("membership inference: the run has no adapter yet");
      return {};
    }
    for (const auto& hospital : record_.hospitals) {
      const auto index = index_of(hospital.name);
      if (!is_chosen(hospital.name) || !index || hospital.steps == 0) continue;
      const std::size_t most = flags_.quick ? 100 : 0;
      progress_.begin("patients of " + hospital.name, 1);
      auto scores = membership_scores(site_options(*index), adapter_folder(), most, {});
      if (!scores && scores.error().code == Errc::out_of_range) {
        report_.skipped.push_back(hospital.name + ": " + scores.error().detail);
        continue;
      }
      HIPPOCRYPT_TRY(const auto found, std::move(scores));
      progress_.end("done");
      auto report = privacy::audit::membership_inference(
          found.trained_on, found.held_out, claimed_epsilon(hospital.name), record_.delta);
      report_.add(hospital.name, {report.result});
      report_.memberships.push_back({hospital.name, std::move(report)});
    }
    return {};
  }

  /// As recorded, or where the run folder is now.
  std::filesystem::path adapter_folder() const {
    std::error_code ignored;
    const std::filesystem::path recorded{record_.adapter};
    return std::filesystem::exists(recorded, ignored) ? recorded : folder_ / recorded.filename();
  }

  Status audit_server_view() {
    if (!config_->encryption.uses_server()) {
      report_.skipped.push_back("the server's view: a plain oracle sends nothing to a server");
      return {};
    }
    for (const auto& hospital : record_.hospitals) {
      const auto index = index_of(hospital.name);
      if (!is_chosen(hospital.name) || !index) continue;
      const std::size_t usual = flags_.quick ? 8 : 30;
      const std::size_t steps = flags_.server_steps > 0 ? flags_.server_steps : usual;
      progress_.begin("server's view of " + hospital.name, steps + 1);
      HIPPOCRYPT_TRY(const auto observed,
                     observe_steps(site_options(*index), steps, SentTiles::constant,
                                   [this] { progress_.advance(1); }));
      progress_.end("done");
      SeededSequence sequence{1, "permutations of steps"};
      report_.add(hospital.name, privacy::audit::check_server_view(observed, sequence));
      return {};  // one hospital shows what all of them send
    }
    return {};
  }

  const AuditFlags& flags_;
  std::filesystem::path folder_;
  federation::RunRecord record_;
  ScratchFolder& scratch_;
  Progress progress_;
  std::optional<federation::FederationConfig> config_;
  AuditReport report_;
};

Result<bool> audit(const AuditFlags& flags) {
  if (flags.config.empty() && !flags.overrides.empty()) {
    return Error{Errc::invalid_config, "--set changes a --config; name that too"};
  }
  HIPPOCRYPT_TRY(const auto folder, federation::find_run_folder(flags.run));
  HIPPOCRYPT_TRY(auto record, federation::load_run_record(folder));
  const auto has_name = [&](const auto& hospital) { return hospital.name == flags.hospital; };
  if (!flags.hospital.empty() &&
      std::none_of(record.hospitals.begin(), record.hospitals.end(), has_name)) {
    return Error{Errc::invalid_config,
                 "--hospital " + flags.hospital + ": the run has no such hospital"};
  }
  install_interrupt_handler();
  HIPPOCRYPT_TRY(const auto scratch, ScratchFolder::create("audit"));
  HIPPOCRYPT_TRY(const AuditReport report,
                 (Audit{flags, folder, std::move(record), *scratch}.run()));
  if (flags.json) {
    print_json(std::cout, audit_json(report));
  } else {
    std::cout << audit_text(report);
  }
  return report.passed();
}

}  // namespace

void add_audit(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("audit", "Test what a run does against what its ledger claims");
  const auto flags = std::make_shared<AuditFlags>();
  command->add_option("run", flags->run, "A run's name under runs/, or its folder")->required();
  command->add_option("--config", flags->config,
                      "The run's TOML, where the run does not say or the file has moved");
  command->add_option("--set", flags->overrides, "key=value over --config; repeatable")
      ->allow_extra_args(false);
  command->add_option("--hospital", flags->hospital, "Only this one");
  command
      ->add_option("--server-steps", flags->server_steps,
                   "Training steps for the server's view (30, with --quick 8)")
      ->check(CLI::Range(std::size_t{3}, std::size_t{100'000}));
  command->add_flag("--quick", flags->quick, "Smaller samples: gross errors only");
  command->add_flag("--json", flags->json, "Print JSON");
  command->footer(
      "Exit code 1 when a check fails. Nothing is charged and nothing leaves this machine.\n"
      "Example:\n  hippocrypt audit three_hospitals");
  command->callback([flags, &exit_code] {
    const Result<bool> passed = audit(*flags);
    if (!passed) {
      exit_code = report_error(std::cerr, passed.error());
    } else {
      exit_code = passed.value() ? exit_ok : exit_failure;
    }
  });
}

}  // namespace hippocrypt::cli
