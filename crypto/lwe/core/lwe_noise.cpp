#include "crypto/lwe/core/lwe_noise.hpp"

#include <cmath>

#include "crypto/lwe/core/lwe_params.hpp"

namespace hippocrypt::crypto {

double lwe_worst_noise(double row_l1) { return row_l1 * (0.5 + lwe_error_bound); }

double lwe_expected_noise(double row_l2) {
  return row_l2 * std::sqrt(lwe_error_std * lwe_error_std + 1.0 / 6);
}

double lwe_message_room(double max_l1) {
  return 0x1.0p31 - 1 - lwe_worst_noise(max_l1) - lwe_rounding_slack;
}

}  // namespace hippocrypt::crypto
