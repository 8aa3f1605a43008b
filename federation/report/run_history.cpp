#include "federation/report/run_history.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hippocrypt::federation::metrics {
namespace {

constexpr const char* contributed = "contributed";

/// Sorts events into a history.
class Historian {
 public:
  explicit Historian(RunHistory& history) : history_{history} {}

  void operator()(const RunStart& event) {
    if (event.first_round > 1 || seen_start_) ++history_.resumed;
    seen_start_ = true;
    history_.start = event;
    history_.end.reset();
  }
  void operator()(const Step& event) {
    // A repeated step is one of a resumed round: the later holds.
    losses_[{event.hospital, event.round}][event.step] = event.loss;
  }
  void operator()(const Round& event) {
    const auto before = history_.rounds.find(event.round);
    const bool another = before != history_.rounds.end() &&
                         before->second.attempt != event.attempt && !before->second.is_closed();
    if (another) ++history_.void_before[event.round];
    history_.rounds[event.round] = event;
  }
  void operator()(const Hospital& event) {
    history_.hospitals[event.hospital][event.round] = event;
  }
  void operator()(const Note& event) { history_.notes.push_back(event); }
  void operator()(const RunEnd& event) { history_.end = event; }

  /// What hospitals did not say themselves.
  void complete() {
    for (const auto& [number, round] : history_.rounds) {
      for (const auto& name : round.contributed) part(name, number, {contributed, {}});
      for (const auto& [name, absence] : round.absent) part(name, number, absence);
    }
    for (const auto& [place, steps] : losses_) {
      Hospital& hospital = history_.hospitals[place.first][place.second];
      hospital.hospital = place.first;
      hospital.round = place.second;
      if (!std::isfinite(hospital.loss)) hospital.loss = mean(steps);
    }
  }

 private:
  using Place = std::pair<std::string, std::uint32_t>;

  /// The round's word on who is in its sum holds over the hospital's own.
  void part(const std::string& name, std::uint32_t round, const Absence& state) {
    Hospital& hospital = history_.hospitals[name][round];
    hospital.hospital = name;
    hospital.round = round;
    hospital.status = state.cause;
    if (hospital.detail.empty()) hospital.detail = state.detail;
  }
  static double mean(const std::map<std::uint32_t, double>& losses) {
    double sum = 0;
    std::size_t count = 0;
    for (const auto& [step, loss] : losses) {
      if (!std::isfinite(loss)) continue;
      sum += loss;
      ++count;
    }
    return count > 0 ? sum / static_cast<double>(count) : unknown;
  }

  RunHistory& history_;
  bool seen_start_ = false;
  std::map<Place, std::map<std::uint32_t, double>> losses_;
};

}  // namespace

std::uint32_t RunHistory::completed() const {
  const auto closed = [](const auto& entry) { return entry.second.is_closed(); };
  return static_cast<std::uint32_t>(std::count_if(rounds.begin(), rounds.end(), closed));
}

RunHistory history_of(const Metrics& metrics) {
  RunHistory history;
  if (!metrics.lines.empty()) {
    history.started = metrics.lines.front().time;
    history.ended = metrics.lines.back().time;
  }
  Historian historian{history};
  for (const Line& line : metrics.lines) std::visit(historian, line.event);
  historian.complete();
  return history;
}

}  // namespace hippocrypt::federation::metrics
