#pragma once
// FedAdagrad, FedAdam and FedYogi (Reddi et al. 2021, arXiv:2003.00295, algorithm 2): the mean
// update is taken for a gradient, and the server's step adapts to each value.

#include "federation/aggregator/strategies/strategy.hpp"
#include "federation/common/round_config.hpp"

namespace hippocrypt::federation {

enum class AdaptiveRule : std::uint8_t { adagrad, adam, yogi };

struct FedOptOptions {
  AdaptiveRule rule = AdaptiveRule::adam;
  double learning_rate = 1;  ///< eta; of the size of the change that a value should make in a round
  double beta1 = 0.9;        ///< of the first moment; 0 for adagrad, as in the paper's experiments
  double beta2 = 0.99;       ///< of the second; not adagrad's
  double tau = 1e-3;         ///< degree of adaptivity, above 0
};

/// With D the mean update: m = beta1·m + (1 − beta1)·D;
///   adagrad: v += m²; adam: v = beta2·v + (1 − beta2)·m²;
///   yogi: v −= (1 − beta2)·m²·sign(v − m²);
/// global += eta·m / (sqrt(v) + tau). m starts at 0, v at tau².
class FedOpt : public Strategy {
 public:
  explicit FedOpt(FedOptOptions options) : options_{options} {}

  Result<std::vector<float>> apply(std::span<const float> global,
                                   const Contributions& contributions) override;
  Bytes save() const override;
  /// Errors: malformed, unsupported (another version).
  Status restore(ByteView state) override;

 private:
  StrategyKind kind() const;
  double second_moment(double before, double square) const;

  FedOptOptions options_;
  std::vector<float> first_, second_;  ///< empty before the first round
};

}  // namespace hippocrypt::federation
