#include "privacy/accounting/loss_sketch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace hippocrypt::privacy {
namespace {

constexpr std::int64_t relative_width = 32;  // a block is as wide as this part of its loss

}  // namespace

LossSketch::LossSketch(const LossPmf& loss) {
  const std::size_t size = loss.mass.size();
  std::vector<double> masses;
  std::size_t begin = 0;
  losses_.push_back(loss.loss(0));
  masses.push_back(loss.mass[0]);
  while (begin + 1 < size) {
    const std::int64_t index = loss.first + static_cast<std::int64_t>(begin);
    const auto width =
        static_cast<std::size_t>(std::max<std::int64_t>(1, std::abs(index) / relative_width));
    const std::size_t end = std::min(begin + width, size - 1);
    // The masses in (begin, end] go to both ends.
    double at_end = 0.0;
    double at_begin = 0.0;
    for (std::size_t i = begin + 1; i <= end; ++i) {
      const double share = static_cast<double>(i - begin) / static_cast<double>(end - begin);
      at_end += loss.mass[i] * share;
      at_begin += loss.mass[i] * (1.0 - share);
    }
    masses.back() += at_begin;
    losses_.push_back(loss.loss(end));
    masses.push_back(at_end);
    begin = end;
  }
  for (const double mass : masses) {
    log_masses_.push_back(mass > 0.0 ? std::log(mass) : -std::numeric_limits<double>::infinity());
  }
}

double LossSketch::log_moment(double theta) const {
  double largest = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < losses_.size(); ++i) {
    largest = std::max(largest, log_masses_[i] + theta * losses_[i]);
  }
  double sum = 0.0;
  for (std::size_t i = 0; i < losses_.size(); ++i) {
    sum += std::exp(log_masses_[i] + theta * losses_[i] - largest);
  }
  return largest + std::log(sum);
}

}  // namespace hippocrypt::privacy
