#include "model/residual_oracle.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/gemm.hpp"
#include "base/parallel.hpp"

namespace hippocrypt::model {
namespace {

/// Tokens that one piece of work takes.
constexpr std::size_t token_block = 256;

}  // namespace

ResidualOracle::ResidualOracle(LinearOracle& rounded,
                               std::shared_ptr<const ChannelResiduals> residuals,
                               std::size_t threads)
    : rounded_{rounded}, residuals_{std::move(residuals)}, threads_{threads} {}

/// Null for a site without any.
const ChannelResidual* ResidualOracle::residual_of(LinearSite site) const {
  const auto group = static_cast<std::size_t>(site.group);
  if (site.block >= residuals_->size() || group >= linear_group_count) return nullptr;
  const ChannelResidual& found = (*residuals_)[site.block][group];
  return found.channels.empty() ? nullptr : &found;
}

void ResidualOracle::add(const ChannelResidual& residual, ConstMatrixView x, MatrixView y) const {
  HIPPOCRYPT_CHECK(residual.values.rows() == y.rows() && residual.channels.back() < x.rows());
  Matrix chosen{residual.channels.size(), x.cols()};
  for (std::size_t k = 0; k < chosen.rows(); ++k) {
    const auto from = x.row(residual.channels[k]);
    std::copy(from.begin(), from.end(), chosen.row(k).begin());
  }
  run_ranges(x.cols(), token_block, threads_, [&](std::size_t begin, std::size_t count) {
    gemm<float>(Transpose::no, residual.values, Transpose::no, chosen.view().columns(begin, count),
                y.columns(begin, count), true);
  });
}

Result<Matrix> ResidualOracle::forward(LinearSite site, ConstMatrixView x) {
  HIPPOCRYPT_TRY(Matrix y, rounded_.forward(site, x));
  const ChannelResidual* const residual = residual_of(site);
  if (residual != nullptr) add(*residual, x, y.view());
  return y;
}

Status ResidualOracle::forward_blocks(LinearSite site, ConstMatrixView x, const ColumnSink& sink) {
  const ChannelResidual* const residual = residual_of(site);
  if (residual == nullptr) return rounded_.forward_blocks(site, x, sink);
  return rounded_.forward_blocks(site, x, [&](std::size_t begin, ConstMatrixView y) -> Status {
    Matrix corrected = Matrix::for_overwrite(y.rows(), y.cols());
    for (std::size_t r = 0; r < y.rows(); ++r) {
      std::copy(y.row(r).begin(), y.row(r).end(), corrected.row(r).begin());
    }
    add(*residual, x.columns(begin, y.cols()), corrected.view());
    return sink(begin, corrected);
  });
}

Result<Matrix> ResidualOracle::backward(LinearSite site, ConstMatrixView dy) {
  HIPPOCRYPT_TRY(Matrix dx, rounded_.backward(site, dy));
  const ChannelResidual* const residual = residual_of(site);
  if (residual == nullptr) return dx;
  HIPPOCRYPT_CHECK(residual->values.rows() == dy.rows() && residual->channels.back() < dx.rows());
  Matrix gained{residual->channels.size(), dy.cols()};
  run_ranges(dy.cols(), token_block, threads_, [&](std::size_t begin, std::size_t count) {
    gemm<float>(Transpose::yes, residual->values, Transpose::no, dy.columns(begin, count),
                gained.view().columns(begin, count));
  });
  for (std::size_t k = 0; k < gained.rows(); ++k) {
    const auto to = dx.row(residual->channels[k]);
    std::transform(to.begin(), to.end(), gained.row(k).begin(), to.begin(), std::plus<>{});
  }
  return dx;
}

}  // namespace hippocrypt::model
