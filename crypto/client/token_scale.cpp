#include "crypto/client/token_scale.hpp"

#include <algorithm>
#include <cmath>

#include "base/parallel.hpp"
#include "crypto/client/tile_kernels.hpp"
#include "crypto/core/noise.hpp"

namespace hippocrypt::crypto {
namespace {

/// Long enough pieces of rows for memory to stream; no sum crosses columns.
constexpr std::size_t columns_a_piece = 512;

}  // namespace

Result<std::vector<double>> guaranteed_scales(const Params& params, RowNormBounds bounds,
                                              ConstMatrixView x, std::size_t threads) {
  const bool sound = std::isfinite(bounds.max_l1) && std::isfinite(bounds.max_l2) &&
                     bounds.max_l1 >= 0 && bounds.max_l2 >= 0;
  const double room =
      sound ? message_room(params.tuniform_log_bound(), bounds.max_l1, params.wire()) : -1;
  if (room <= 0) {
    return Error{Errc::out_of_range,
                 "the weight matrix has a row whose norms leave no room for a message beside the "
                 "noise: split it into matrices with fewer inputs, or send values of 24 bits"};
  }
  std::vector<double> scales(x.cols());
  run_ranges(x.cols(), columns_a_piece, threads, [&](std::size_t t, std::size_t count) {
    add_squares(x.data() + t, x.stride(), x.rows(), count, scales.data() + t);
  });
  bool finite =
      true;  // a square of a float cannot overflow a double, so only NaN and infinity show
  for (const double sum : scales) finite &= std::isfinite(sum);
  if (!finite) {
    return Error{
        Errc::not_finite,
        "an activation to encrypt is NaN or infinite: the model has diverged; go back to an "
        "earlier checkpoint or lower the learning rate"};
  }
  // A zero column needs no branch: its scale is room/0, infinity.
  for (double& scale : scales) scale = room / (std::max(bounds.max_l2, 1.0) * std::sqrt(scale));
  return scales;
}

}  // namespace hippocrypt::crypto
