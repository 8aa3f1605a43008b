#include "crypto/core/noise.hpp"

#include <cmath>

#include "crypto/core/params.hpp"
#include "crypto/core/sampler.hpp"

namespace hippocrypt::crypto {
namespace {

constexpr double q = modulus_q;
constexpr double upload_step = q / (1U << upload_bits);
constexpr double download_step = q / (1U << download_bits);

}  // namespace

double worst_input_noise(unsigned log_bound) {
  return 0.5 + static_cast<double>(1U << log_bound) + upload_step / 2;
}

double worst_output_noise() { return download_step / 2 + 0.5; }

double worst_noise(unsigned log_bound, double row_l1) {
  return row_l1 * worst_input_noise(log_bound) + worst_output_noise();
}

double input_noise_variance(unsigned log_bound) {
  return 1.0 / 12 + tuniform_variance(log_bound) + upload_step * upload_step / 12;
}

double output_noise_variance() { return (download_step * download_step + 1) / 12; }

double expected_noise(unsigned log_bound, double row_l2) {
  return std::sqrt(row_l2 * row_l2 * input_noise_variance(log_bound) + output_noise_variance());
}

double expected_noise_to_signal(unsigned log_bound, double row_l2, double max_l2, double in) {
  return expected_noise(log_bound, row_l2) * std::sqrt(in) * max_l2 / (row_l2 * q / 2);
}

double message_room(unsigned log_bound, double max_l1) {
  return (q - 1) / 2 - worst_noise(log_bound, max_l1) - rounding_slack;
}

}  // namespace hippocrypt::crypto
