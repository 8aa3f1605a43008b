// hippocrypt ledger: verifies, shows and exports the ledgers of runs and of patients.

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "base/file.hpp"
#include "cli/commands/commands.hpp"
#include "cli/commands/ledger_export.hpp"
#include "cli/commands/ledger_target.hpp"
#include "cli/support/output.hpp"
#include "cli/support/text_table.hpp"
#include "federation/common/ledger_place.hpp"
#include "privacy/ledger/ledger.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::ordered_json;

struct LedgerFlags {
  std::string target;
  std::string home;
  std::string format = "csv";
  std::string out;
  bool all = false;
  bool json = false;
};

Result<std::vector<std::filesystem::path>> chosen(const LedgerFlags& flags) {
  return ledgers_of(flags.target, federation::ledger_home(flags.home));
}

Result<privacy::Ledger> open(const std::filesystem::path& path) {
  return privacy::Ledger::open(path, privacy::LedgerMode::must_exist);
}

/// Looks at every ledger, though one is damaged; the first error decides the exit code.
Status verify(const LedgerFlags& flags) {
  HIPPOCRYPT_TRY(const auto paths, chosen(flags));
  std::optional<Error> first;
  ordered_json list = ordered_json::array();
  for (const auto& path : paths) {
    const auto ledger = open(path);
    if (!ledger) {
      if (!first) first = Error{ledger.error().code, path.string() + ": " + ledger.error().detail};
      list.push_back(
          {{"ledger", path.string()}, {"is_sound", false}, {"error", ledger.error().detail}});
      if (!flags.json) std::cout << path.string() << ": " << ledger.error().detail << '\n';
      continue;
    }
    const std::string head = to_hex(ledger->head_hash());
    list.push_back({{"ledger", path.string()},
                    {"is_sound", true},
                    {"rows", ledger->rows().size()},
                    {"head", head}});
    if (!flags.json) {
      std::cout << fmt::format("{}: {} rows, each follows the one before\nhead {}\n", path.string(),
                               ledger->rows().size(), head);
    }
  }
  if (flags.json) print_json(std::cout, {{"ledgers", std::move(list)}});
  if (first) return *first;
  return {};
}

std::string when(std::int64_t unix_time_s) {
  if (unix_time_s < 0 || unix_time_s > 253'402'300'799) return "-";  // year 9999
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(static_cast<std::time_t>(unix_time_s)));
}

std::string table_of(std::span<const privacy::LedgerRow> rows, bool all) {
  TextTable table{{{"rows"},
                   {"time (UTC)"},
                   {"hospital"},
                   {"run"},
                   {"round", Align::right},
                   {"mechanism"},
                   {"unit"},
                   {"q", Align::right},
                   {"sigma", Align::right},
                   {"clip", Align::right},
                   {"steps", Align::right},
                   {"randomness"}}};
  for (std::size_t i = 0; i < rows.size();) {
    const privacy::LedgerEntry& entry = rows[i].entry;
    std::size_t end = i;
    std::uint64_t steps = 0;
    for (; end < rows.size() && is_same_round(rows[end].entry, entry); ++end) {
      steps += rows[end].entry.steps;
      if (all) {
        ++end;
        break;
      }
    }
    const privacy::LedgerRow& last = rows[end - 1];
    table.add_row(
        {end - i == 1 ? std::to_string(rows[i].id) : fmt::format("{}-{}", rows[i].id, last.id),
         when(last.entry.unix_time_s), entry.hospital, entry.run, std::to_string(entry.round),
         std::string{to_string(entry.mechanism)}, std::string{to_string(entry.unit)},
         fmt::format("{:g}", entry.sampling_rate), fmt::format("{:g}", entry.noise_multiplier),
         fmt::format("{:g}", entry.clip), std::to_string(steps), entry.noise_source});
    i = end;
  }
  return table.str();
}

Status show(const LedgerFlags& flags) {
  HIPPOCRYPT_TRY(const auto paths, chosen(flags));
  ordered_json list = ordered_json::array();
  for (const auto& path : paths) {
    HIPPOCRYPT_TRY(const auto ledger, open(path));
    const std::string head = to_hex(ledger.head_hash());
    if (flags.json) {
      ordered_json rows = ordered_json::array();
      for (const auto& row : ledger.rows()) rows.push_back(to_json(row));
      list.push_back({{"ledger", path.string()}, {"head", head}, {"rows", std::move(rows)}});
      continue;
    }
    std::cout << fmt::format("{}\n{}head {} ({} rows)\n", path.string(),
                             table_of(ledger.rows(), flags.all), head, ledger.rows().size());
  }
  if (flags.json) print_json(std::cout, {{"ledgers", std::move(list)}});
  return {};
}

Status write(const LedgerFlags& flags, const std::string& text) {
  if (!flags.out.empty()) return write_file_atomically(flags.out, as_bytes(text));
  std::cout << text;
  return {};
}

Status export_rows(const LedgerFlags& flags) {
  HIPPOCRYPT_TRY(const auto paths, chosen(flags));
  std::string csv = csv_header();
  ordered_json list = ordered_json::array();
  for (const auto& path : paths) {
    HIPPOCRYPT_TRY(const auto ledger, open(path));
    for (const auto& row : ledger.rows()) {
      if (flags.format == "csv") {
        csv += csv_line(path.string(), row);
        continue;
      }
      ordered_json entry{{"ledger", path.string()}};
      entry.update(to_json(row));
      list.push_back(std::move(entry));
    }
  }
  return write(flags, flags.format == "csv" ? csv : list.dump(2) + "\n");
}

using Action = Status (*)(const LedgerFlags&);

CLI::App* add_action(CLI::App& app, const char* name, const char* help, Action action,
                     const std::shared_ptr<LedgerFlags>& flags, int& exit_code) {
  CLI::App* command = app.add_subcommand(name, help);
  command
      ->add_option("target", flags->target,
                   "A ledger, a run (name or folder), notes that were trained on or their folder, "
                   "or a ledger home")
      ->required();
  command->add_option("--home", flags->home,
                      "The ledger home in which accounts of notes are looked up (default: "
                      "$HIPPOCRYPT_HOME, or hippocrypt in the user's data folder)");
  command->callback([flags, action, &exit_code] {
    const Status status = action(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
  return command;
}

}  // namespace

void add_ledger(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("ledger", "Verify, show or export the privacy ledgers of runs or notes");
  command->require_subcommand(1);
  const auto flags = std::make_shared<LedgerFlags>();
  CLI::App* check =
      add_action(*command, "verify", "Check every row's hash and that none is missing", verify,
                 flags, exit_code);
  check->add_flag("--json", flags->json, "Print JSON");
  CLI::App* table = add_action(*command, "show", "Print the rows, the lots of a round as one line",
                               show, flags, exit_code);
  table->add_flag("--all", flags->all, "One line a row");
  table->add_flag("--json", flags->json, "Print JSON, one object a row");
  CLI::App* rows = add_action(*command, "export", "Write every row with its hashes as CSV or JSON",
                              export_rows, flags, exit_code);
  rows->add_option("--format", flags->format, "csv or json")
      ->check(CLI::IsMember({"csv", "json"}))
      ->capture_default_str();
  rows->add_option("--out", flags->out, "A file instead of standard output");
  command->footer(
      "Examples:\n  hippocrypt ledger verify three_hospitals\n"
      "  hippocrypt ledger show data/cardiology.jsonl\n"
      "  hippocrypt ledger export three_hospitals --format csv --out rows.csv");
}

}  // namespace hippocrypt::cli
