#include "cli/training/train_metrics.hpp"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace hippocrypt::cli {

void TrainMetrics::add(const federation::StepReport& report) {
  last_ = report;
  tokens_ += report.tokens;
  rejected_ += report.rejected;
  clipped_ += report.clipped;
  if (!std::isfinite(report.loss)) return;
  loss_sum_ += report.loss;
  ++losses_;
}

TrainProgress TrainMetrics::interval(std::uint64_t steps, double epsilon) {
  const auto now = std::chrono::steady_clock::now();
  const std::chrono::duration<double> seconds = now - began_;
  TrainProgress progress;
  progress.step = last_.step;
  progress.steps = steps;
  progress.loss = losses_ > 0 ? loss_sum_ / static_cast<double>(losses_)
                              : std::numeric_limits<double>::quiet_NaN();
  progress.learning_rate = last_.learning_rate;
  progress.epsilon = epsilon;
  progress.rejected = rejected_;
  progress.tokens_per_second = static_cast<double>(tokens_) / seconds.count();
  began_ = now;
  const std::uint64_t clipped_of_interval = clipped_;
  loss_sum_ = 0;
  losses_ = tokens_ = 0;
  rejected_ = clipped_ = 0;
  // Numbers that are not finite are written as null.
  const nlohmann::ordered_json line{{"event", "steps"},
                                    {"step", progress.step},
                                    {"loss", progress.loss},
                                    {"learning_rate", progress.learning_rate},
                                    {"epsilon", progress.epsilon},
                                    {"clip", last_.clip},
                                    {"clipped_units", clipped_of_interval},
                                    {"rejected_units", progress.rejected},
                                    {"tokens_per_second", progress.tokens_per_second}};
  out_ << line.dump() << '\n' << std::flush;
  return progress;
}

void TrainMetrics::write_loss(const char* event, std::uint64_t step, double loss) {
  nlohmann::ordered_json line{{"event", event}};
  if (step == 0) line["version"] = 1;
  line["step"] = step;
  line["heldout_loss"] = loss;
  out_ << line.dump() << '\n' << std::flush;
}

Status TrainMetrics::status() const {
  if (out_) return {};
  return Error{Errc::io, "the run's metrics.jsonl could not be written"};
}

}  // namespace hippocrypt::cli
