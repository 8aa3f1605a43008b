#include "actors/run_observer.hpp"

#include <algorithm>
#include <cmath>

#include "base/resident_memory.hpp"
#include "federation/report/event_frame.hpp"
#include "federation/report/round_event.hpp"

namespace hippocrypt::actors {

namespace metrics = federation::metrics;

RunObserver::RunObserver(const std::filesystem::path& run_folder, federation::RunRecord& record,
                         Listeners listeners)
    : record_{record},
      listeners_{std::move(listeners)},
      metrics_{run_folder / "metrics.jsonl", record.run} {}

double RunObserver::Losses::mean() const {
  return count > 0 ? sum / static_cast<double>(count) : metrics::unknown;
}

void RunObserver::begin(const metrics::RunStart& start) { tell(start); }

void RunObserver::end(const std::string& cause) {
  metrics::RunEnd end;
  end.status = to_string(record_.status);
  end.cause = cause;
  for (const auto& hospital : record_.hospitals) {
    if (!hospital.failure.empty()) end.failing[hospital.name] = hospital.failure;
  }
  end.adapter = record_.adapter;
  end.rounds = record_.rounds;
  end.seconds = record_.seconds;
  tell(end);
}

void RunObserver::tell(const metrics::Event& event) {
  metrics_.write(event);
  if (listeners_.on_event) listeners_.on_event(event);
}

void RunObserver::hear(ByteView frame) {
  if (auto event = metrics::decode_event(frame)) return hear(std::move(event).value());
  if (const auto progress = federation::decode_progress(frame)) return hear(*progress);
  if (const auto report = federation::decode_report(frame)) return hear(*report);
  if (const auto summary = federation::decode_round_summary(frame)) return hear(*summary);
  if (auto final = federation::decode_final_adapter(frame)) final_ = std::move(final->values);
}

void RunObserver::hear(const federation::Progress& progress) {
  switch (progress.kind) {
    case federation::ProgressKind::step: {
      tell(metrics::Step{progress.source, progress.round, progress.step, progress.loss});
      Losses& losses = losses_[progress.source];
      if (std::isfinite(progress.loss)) {
        losses.sum += progress.loss;
        ++losses.count;
      }
      break;
    }
    case federation::ProgressKind::round:  // its event says more
      record_.rounds = progress.round;
      break;
    case federation::ProgressKind::note:
      tell(metrics::Note{progress.source, progress.round, progress.text});
      break;
  }
  if (listeners_.on_progress) listeners_.on_progress(progress);
}

void RunObserver::hear(metrics::Event event) {
  if (auto* hospital = std::get_if<metrics::Hospital>(&event)) {
    hospital->loss = losses_[hospital->hospital].mean();
    if (std::isfinite(hospital->heldout_loss)) {
      heldout_[hospital->hospital] = {hospital->round, hospital->heldout_loss};
    }
  } else if (auto* round = std::get_if<metrics::Round>(&event)) {
    round->loss = take_mean_loss();
    round->heldout_loss = mean_heldout_loss(round->round);
    round->resident_bytes = resident_bytes();
  }
  tell(event);
}

void RunObserver::hear(const federation::RoundSummary& summary) {
  const bool is_over = summary.outcome != federation::RoundOutcome::retried;
  if (is_over) record_.rounds = std::max(record_.rounds, summary.round);
  hear(metrics::Event{metrics::round_of(summary)});
}

double RunObserver::take_mean_loss() {
  Losses all;
  for (const auto& [hospital, losses] : losses_) {
    all.sum += losses.sum;
    all.count += losses.count;
  }
  losses_.clear();
  return all.mean();
}

/// Of a round; a hospital that answers late does not count in the next one.
double RunObserver::mean_heldout_loss(std::uint32_t round) const {
  Losses all;
  for (const auto& [hospital, heldout] : heldout_) {
    if (heldout.round != round) continue;
    all.sum += heldout.loss;
    ++all.count;
  }
  return all.mean();
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
  is_aggregator_lost_ = true;
  if (aggregator_failure_.empty()) {
    aggregator_failure_ = "the aggregator's actor ended: " + reason;
  }
}

bool RunObserver::done() const {
  // Whoever has not been told by then that the run is over never will be.
  if (is_aggregator_lost_ && !final_) return true;
  if (!final_ && aggregator_failure_.empty()) return false;
  return reported_.size() == record_.hospitals.size();
}

}  // namespace hippocrypt::actors
