#pragma once
// Products with int8 weights, made up for in the channels where rounding costs most.

#include <memory>

#include "base/result.hpp"
#include "model/channel_residuals.hpp"
#include "model/linear_oracle.hpp"

namespace hippocrypt::model {

/// y = Ŵ·x + R·x_J: what `rounded` answers, and the residual R (out, k) of k channels J by floats
/// of this side. The backward is the exact adjoint: dx = Ŵᵀ·dy, and dx_J gains Rᵀ·dy. What goes to
/// `rounded` is as without it. Errors: those of `rounded`.
class ResidualOracle final : public LinearOracle {
 public:
  /// `rounded` must outlive the oracle and have the shapes of the residuals. The bits do not depend
  /// on `threads`.
  ResidualOracle(LinearOracle& rounded, std::shared_ptr<const ChannelResiduals> residuals,
                 std::size_t threads);
  ResidualOracle(LinearOracle& rounded, ChannelResiduals residuals, std::size_t threads)
      : ResidualOracle{rounded, std::make_shared<const ChannelResiduals>(std::move(residuals)),
                       threads} {}
  Result<Matrix> forward(LinearSite site, ConstMatrixView x) override;
  /// In the blocks of `rounded`, whose traffic is as without it.
  Status forward_blocks(LinearSite site, ConstMatrixView x, const ColumnSink& sink) override;
  Result<Matrix> backward(LinearSite site, ConstMatrixView dy) override;

 private:
  /// y += R·x_J.
  void add(const ChannelResidual& residual, ConstMatrixView x, MatrixView y) const;
  const ChannelResidual* residual_of(LinearSite site) const;

  LinearOracle& rounded_;
  std::shared_ptr<const ChannelResiduals> residuals_;
  std::size_t threads_;
};

}  // namespace hippocrypt::model
