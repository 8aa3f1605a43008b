#pragma once
// An oracle that notes how many columns every product has: what a step costs, without a clock.

#include <vector>

#include "model/linear_oracle.hpp"

namespace hippocrypt::test_support {

class CountingOracle final : public model::LinearOracle {
 public:
  /// `inner` must outlive it.
  explicit CountingOracle(model::LinearOracle& inner) : inner_{inner} {}

  Result<Matrix> forward(model::LinearSite site, ConstMatrixView x) override {
    columns.push_back(x.cols());
    return inner_.forward(site, x);
  }
  Result<Matrix> backward(model::LinearSite site, ConstMatrixView dy) override {
    columns.push_back(dy.cols());
    return inner_.backward(site, dy);
  }

  std::vector<std::size_t> columns;

 private:
  model::LinearOracle& inner_;
};

}  // namespace hippocrypt::test_support
