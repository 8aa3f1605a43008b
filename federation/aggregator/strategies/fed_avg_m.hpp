#pragma once
// FedAvgM (Hsu, Qi and Brown 2019, arXiv:1909.06335, section 3): momentum at the server.

#include "federation/aggregator/strategies/strategy.hpp"

namespace hippocrypt::federation {

struct FedAvgMOptions {
  double learning_rate = 1;
  double momentum = 0.9;  ///< from 0, below 1; 0 with a learning rate of 1 is FedAvg
};

/// velocity = momentum·velocity + mean update; global += learning_rate·velocity.
class FedAvgM : public Strategy {
 public:
  explicit FedAvgM(FedAvgMOptions options) : options_{options} {}

  Result<std::vector<float>> apply(std::span<const float> global,
                                   const Contributions& contributions) override;
  Bytes save() const override;
  /// Errors: malformed, unsupported (another version).
  Status restore(ByteView state) override;

 private:
  FedAvgMOptions options_;
  std::vector<float> velocity_;  ///< empty before the first round
};

}  // namespace hippocrypt::federation
