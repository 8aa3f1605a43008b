#pragma once
// DP-SGD on floats with bugs to plant: what the audit must catch. Without a bug it is right.

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "base/random.hpp"
#include "privacy/audit/mechanism.hpp"

namespace hippocrypt::privacy::audit {

struct Bugs {
  double noise_factor = 1;  ///< 0.5: noise / 2, 0: none
  bool same_noise_each_step = false;
  bool no_noise_in_empty_lots = false;
  bool correlated_noise = false;  ///< one draw for two neighbouring values
  bool no_clipping = false;
  bool clips_the_mean = false;  ///< of the lot, instead of each unit
  bool keeps_nan = false;
  bool fixed_size_lots = false;
  bool shuffled_epochs = false;
  bool all_always_in = false;      ///< every unit in every lot
  bool divisor_from_data = false;  ///< the lot's size instead of the constant
};

class SabotagedMechanism {
 public:
  SabotagedMechanism(const Claim& claim, Bugs bugs, std::uint64_t seed)
      : claim_{claim}, bugs_{bugs}, sequence_{seed, "sabotaged mechanism"} {}

  Mechanism mechanism() {
    return [this](const AuditedData& data, std::uint64_t steps) -> Result<Matrix> {
      Matrix released{steps, data.size};
      shared_noise_.clear();
      order_.clear();
      for (std::uint64_t step = 0; step < steps; ++step) {
        std::vector<std::vector<float>> lot;
        for (const std::size_t unit : draw(data.units)) {
          lot.emplace_back(data.size);
          data.gradient(unit, lot.back());
        }
        const auto values = release(lot, data.size, claim_.noise_multiplier);
        std::copy(values.begin(), values.end(), released.row(step).begin());
      }
      return released;
    };
  }
  LotDrawer lots() {
    return [this](std::size_t units,
                  std::uint64_t count) -> Result<std::vector<std::vector<std::size_t>>> {
      order_.clear();
      std::vector<std::vector<std::size_t>> lots;
      for (std::uint64_t i = 0; i < count; ++i) lots.push_back(draw(units));
      return lots;
    };
  }
  NoiselessStep noiseless() {
    return [this](std::span<const std::vector<float>> lot, std::size_t size) {
      return Result<std::vector<double>>{release(lot, size, 0)};
    };
  }

 private:
  std::vector<std::size_t> draw(std::size_t units) {
    std::vector<std::size_t> lot;
    if (bugs_.fixed_size_lots || bugs_.shuffled_epochs) {
      const auto size = static_cast<std::size_t>(
          std::max(1.0, std::round(claim_.sampling_rate * static_cast<double>(units))));
      while (lot.size() < size) {
        if (order_.empty()) {
          for (std::size_t i = 0; i < units; ++i) order_.push_back(i);
          for (std::size_t i = units; i > 1; --i) {
            std::swap(order_[i - 1], order_[sequence_.below(i)]);
          }
        }
        if (std::find(lot.begin(), lot.end(), order_.back()) == lot.end()) {
          lot.push_back(order_.back());
        }
        order_.pop_back();
      }
      if (bugs_.fixed_size_lots) order_.clear();
      std::sort(lot.begin(), lot.end());
      return lot;
    }
    for (std::size_t unit = 0; unit < units; ++unit) {
      if (bugs_.all_always_in || sequence_.uniform() < claim_.sampling_rate) lot.push_back(unit);
    }
    return lot;
  }

  static double norm_of(std::span<const double> values) {
    double square = 0;
    for (const double x : values) square += x * x;
    return std::sqrt(square);
  }

  std::vector<double> release(std::span<const std::vector<float>> lot, std::size_t size,
                              double multiplier) {
    std::vector<double> sum(size);
    for (const auto& gradient : lot) {
      std::vector<double> values{gradient.begin(), gradient.end()};
      const double norm = norm_of(values);
      if (!std::isfinite(norm) && !bugs_.keeps_nan) continue;
      const bool clips = !bugs_.no_clipping && !bugs_.clips_the_mean;
      const double factor = clips && norm > claim_.clip ? claim_.clip / norm : 1.0;
      for (std::size_t i = 0; i < size; ++i) sum[i] += factor * values[i];
    }
    const auto count = static_cast<double>(lot.size());
    if (bugs_.clips_the_mean && !lot.empty()) {
      const double norm = norm_of(sum) / count;
      if (norm > claim_.clip) {
        for (double& x : sum) x *= claim_.clip / norm;
      }
    }
    add_noise(sum, multiplier, lot.empty());
    const double divisor = bugs_.divisor_from_data ? std::max(1.0, count) : claim_.expected_lot;
    for (double& x : sum) x /= divisor;
    return sum;
  }

  void add_noise(std::vector<double>& sum, double multiplier, bool is_empty) {
    if (bugs_.no_noise_in_empty_lots && is_empty) return;
    const double deviation = multiplier * bugs_.noise_factor * claim_.clip;
    if (deviation == 0) return;
    if (bugs_.same_noise_each_step && shared_noise_.empty()) {
      for (std::size_t i = 0; i < sum.size(); ++i) shared_noise_.push_back(sequence_.normal());
    }
    double last = 0;
    for (std::size_t i = 0; i < sum.size(); ++i) {
      if (!bugs_.correlated_noise || i % 2 == 0) last = sequence_.normal();
      sum[i] += deviation * (bugs_.same_noise_each_step ? shared_noise_[i] : last);
    }
  }

  Claim claim_;
  Bugs bugs_;
  SeededSequence sequence_;
  std::vector<double> shared_noise_;
  std::vector<std::size_t> order_;
};

}  // namespace hippocrypt::privacy::audit
