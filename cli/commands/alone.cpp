#include "cli/commands/alone.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.hpp"
#include "base/parallel.hpp"
#include "cli/report/report_data.hpp"
#include "cli/support/text_table.hpp"
#include "federation/aggregator/run_store.hpp"

namespace hippocrypt::cli {
namespace {

using federation::AloneComparison;

std::string change_text(double from, double to) {
  return fmt::format("{:+.2f} %", 100 * (to / from - 1));
}

}  // namespace

Result<AloneComparison> compare_with_alone(const federation::FederationConfig& config,
                                           const std::filesystem::path& run_folder,
                                           const federation::RunRecord& record,
                                           const std::atomic<bool>& stop, Progress& progress) {
  federation::AloneOptions options;
  options.config = config;
  HIPPOCRYPT_TRY(options.federated, federation::RunStore{run_folder}.load_global(record.rounds));
  if (config.aggregation.strategy == federation::StrategyKind::scaffold) {
    options.federated.resize(options.federated.size() / 2);  // the rest are control variates
  }
  options.folder = run_folder / "alone";
  options.run = record.run;
  options.threads = machine_threads();
  options.stop = &stop;
  progress.begin("alone", config.hospitals.size());
  options.on_trained = [&progress](const std::string& hospital) { progress.advance(1, hospital); };
  HIPPOCRYPT_TRY(const auto comparison, federation::compare_alone(options));
  progress.end(fmt::format("{} hospitals trained by themselves", comparison.alone.size()));
  HIPPOCRYPT_TRY_VOID(write_file_atomically(run_folder / "alone.json",
                                            as_bytes(alone_json(comparison).dump(2) + "\n")));
  return comparison;
}

nlohmann::ordered_json alone_json(const AloneComparison& comparison) {
  nlohmann::ordered_json alone = nlohmann::ordered_json::object();
  for (const auto& [name, loss] : comparison.alone) alone[name] = loss;
  return {{"version", comparison_version},
          {"pooled_tokens", comparison.pooled_tokens},
          {"start", comparison.start},
          {"federated", comparison.federated},
          {"alone", std::move(alone)}};
}

std::string alone_text(const AloneComparison& comparison) {
  TextTable table{{{"adapter"}, {"loss", Align::right}, {"change", Align::right}}};
  const auto row = [&](const std::string& name, double loss) {
    table.add_row({name, fmt::format("{:.4f}", loss), change_text(comparison.start, loss)});
  };
  row("at the start", comparison.start);
  row("federated", comparison.federated);
  for (const auto& [name, loss] : comparison.alone) row(name + " alone", loss);
  return fmt::format("all hospitals' held-out notes together, {} tokens\n",
                     comparison.pooled_tokens) +
         table.str();
}

}  // namespace hippocrypt::cli
