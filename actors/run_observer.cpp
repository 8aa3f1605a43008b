#include "actors/run_observer.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace hippocrypt::actors {
namespace {

using nlohmann::json;

json to_json(const federation::Progress& progress) {
  json line{{"source", progress.source}, {"round", progress.round}};
  switch (progress.kind) {
    case federation::ProgressKind::step:
      line["event"] = "step";
      line["step"] = progress.step;
      line["loss"] = progress.loss;  // NaN is written as null
      break;
    case federation::ProgressKind::round:
      line["event"] = "round";
      break;
    case federation::ProgressKind::note:
      line["event"] = "note";
      break;
  }
  if (!progress.text.empty()) line["text"] = progress.text;
  return line;
}

}  // namespace

RunObserver::RunObserver(const std::filesystem::path& run_folder, federation::RunRecord& record,
                         std::function<void(const federation::Progress&)> on_progress)
    : record_{record},
      on_progress_{std::move(on_progress)},
      metrics_{run_folder / "metrics.jsonl", std::ios::app} {}

void RunObserver::hear(ByteView frame) {
  if (const auto progress = federation::decode_progress(frame)) return hear(*progress);
  if (const auto report = federation::decode_report(frame)) return hear(*report);
  if (auto final = federation::decode_final_adapter(frame)) final_ = std::move(final->values);
}

void RunObserver::hear(const federation::Progress& progress) {
  metrics_ << to_json(progress).dump(-1, ' ', false, json::error_handler_t::replace) << '\n'
           << std::flush;
  if (progress.kind == federation::ProgressKind::round) record_.rounds = progress.round;
  if (on_progress_) on_progress_(progress);
}

void RunObserver::hear(const federation::Report& report) {
  const auto hospital =
      std::find_if(record_.hospitals.begin(), record_.hospitals.end(),
                   [&report](const auto& entry) { return entry.name == report.hospital; });
  if (hospital == record_.hospitals.end()) {
    aggregator_failure_ = report.failure;
    return;
  }
  if (!reported_.insert(report.hospital).second) return;  // its own report came first
  hospital->loss_before = report.loss_before;
  hospital->loss_after = report.loss_after;
  hospital->epsilon = report.epsilon;
  hospital->delta_overflow = report.delta_overflow;
  hospital->steps = report.steps;
  hospital->rounds_sat_out = report.rounds_sat_out;
  hospital->failure = report.failure;
  record_.bytes_up += report.bytes_up;
  record_.bytes_down += report.bytes_down;
}

void RunObserver::lose_aggregator(const std::string& reason) {
  if (aggregator_failure_.empty()) aggregator_failure_ = "its actor ended: " + reason;
}

bool RunObserver::done() const {
  if (!final_) return !aggregator_failure_.empty();
  return reported_.size() == record_.hospitals.size();
}

}  // namespace hippocrypt::actors
