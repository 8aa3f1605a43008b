#pragma once
// metrics.jsonl of a training, and the means of a log interval.

#include <chrono>
#include <filesystem>
#include <fstream>

#include "cli/training/train_run.hpp"
#include "federation/client/local_trainer.hpp"

namespace hippocrypt::cli {

class TrainMetrics {
 public:
  /// Appends to `file`.
  explicit TrainMetrics(const std::filesystem::path& file) : out_{file, std::ios::app} {}

  void add(const federation::StepReport& report);
  /// The interval since the last call, written down too.
  TrainProgress interval(std::uint64_t steps, double epsilon);
  void write_loss(const char* event, std::uint64_t step, double loss);
  /// Errors: io (some line could not be written).
  Status status() const;

 private:
  std::ofstream out_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  federation::StepReport last_;
  double loss_sum_ = 0;
  std::size_t losses_ = 0, tokens_ = 0;
  std::uint64_t rejected_ = 0, clipped_ = 0;
};

}  // namespace hippocrypt::cli
