#pragma once
// A strategy that also says what averaging both LoRA factors got wrong.

#include <memory>
#include <string>
#include <vector>

#include "federation/aggregator/aggregation_error.hpp"
#include "federation/aggregator/strategies/strategy.hpp"

namespace hippocrypt::federation {

/// Does what `inner` does, and measures the aggregation error of the round; its note says where
/// secure aggregation hides it. The factors are the first values of the vector.
class MeasuredStrategy final : public Strategy {
 public:
  MeasuredStrategy(std::unique_ptr<Strategy> inner, std::vector<LowRankShape> shapes);

  Result<std::vector<float>> apply(std::span<const float> global,
                                   const Contributions& contributions) override;
  std::string note() const override { return note_; }
  double measured_error() const override { return error_; }
  Bytes save() const override { return inner_->save(); }
  Status restore(ByteView state) override { return inner_->restore(state); }

 private:
  std::unique_ptr<Strategy> inner_;
  std::vector<LowRankShape> shapes_;
  std::size_t size_ = 0;  ///< values of all factors
  std::string note_;
  double error_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace hippocrypt::federation
