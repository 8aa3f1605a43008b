#include "federation/aggregator/measured_strategy.hpp"

namespace hippocrypt::federation {

MeasuredStrategy::MeasuredStrategy(std::unique_ptr<Strategy> inner,
                                   std::vector<LowRankShape> shapes)
    : inner_{std::move(inner)}, shapes_{std::move(shapes)} {
  for (const LowRankShape& shape : shapes_) size_ += shape.size();
}

Result<std::vector<float>> MeasuredStrategy::apply(std::span<const float> global,
                                                   const Contributions& contributions) {
  note_.clear();
  error_ = std::numeric_limits<double>::quiet_NaN();
  HIPPOCRYPT_TRY(auto next, inner_->apply(global, contributions));
  if (contributions.summed) {
    note_ = "aggregation error unknown: secure aggregation shows the sum only";
    return next;
  }
  std::vector<std::vector<float>> factors = contributions.updates;
  for (auto& update : factors) update.resize(size_);
  HIPPOCRYPT_TRY(error_,
                 aggregation_error(global.first(size_), factors, contributions.weights, shapes_));
  return next;
}

}  // namespace hippocrypt::federation
