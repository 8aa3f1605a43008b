#pragma once
// All that a report shows, gathered before any of it is drawn.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/plot/epsilon_plot.hpp"
#include "cli/report/reported_view.hpp"
#include "federation/common/run_record.hpp"
#include "federation/report/run_history.hpp"

namespace hippocrypt::cli {

/// A hospital's account as its ledger has it.
struct PrivacyRow {
  std::string hospital;
  double epsilon = 0, budget = 0;
  std::uint64_t rounds_left = 0;  ///< meaningless with an endless budget
  double delta_total = 0;
  std::vector<std::string> remarks;
};

/// Of alone.json.
inline constexpr std::uint64_t comparison_version = 1;

/// Held-out loss on the patients of all hospitals together, of adapters trained together and alone.
struct Comparison {
  std::uint64_t pooled_tokens = 0;
  double start = 0, federated = 0;
  std::map<std::string, double> alone;  ///< by hospital
};

struct ReportData {
  federation::RunRecord record;
  federation::metrics::RunHistory history;
  std::size_t damaged_lines = 0;  ///< of metrics.jsonl
  EpsilonPlot epsilon;
  std::vector<PrivacyRow> privacy;
  std::string unit = "patient";
  std::optional<ReportedView> reported;  ///< in place of the accounts, of an aggregator's run
  std::optional<Comparison> comparison;
  std::string software;
};

/// alone.json of a run folder; nothing where there is none. Errors: io, malformed (names the key),
/// unsupported (another version).
Result<std::optional<Comparison>> load_comparison(const std::filesystem::path& run_folder);

}  // namespace hippocrypt::cli
