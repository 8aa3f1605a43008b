#include "model/inference/confidence.hpp"

#include <cmath>

namespace hippocrypt::model {

Interval wilson_interval(std::size_t successes, std::size_t trials) {
  if (trials == 0) return {};
  constexpr double z = 1.959963984540054;  // the 97.5 % quantile of the standard normal
  const double n = static_cast<double>(trials);
  const double share = static_cast<double>(successes) / n;
  const double centre = share + z * z / (2.0 * n);
  const double reach = z * std::sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n));
  const double scale = 1.0 + z * z / n;
  // At the ends rounding would leave a little more than nothing.
  return {successes == 0 ? 0.0 : (centre - reach) / scale,
          successes == trials ? 1.0 : (centre + reach) / scale};
}

}  // namespace hippocrypt::model
