#include "crypto/core/noise.hpp"

#include <cmath>

#include "crypto/core/params.hpp"
#include "crypto/core/sampler.hpp"

namespace hippocrypt::crypto {
namespace {

constexpr double q = modulus_q;

/// Rounding to multiples of `step`.
StepNoise rounding_to(double step) { return {step / 2, step * step / 12}; }

double step_of(unsigned bits) { return q / static_cast<double>(1U << bits); }

}  // namespace

StepNoise message_rounding() { return rounding_to(1); }

StepNoise encryption_error(unsigned log_bound) {
  return {static_cast<double>(1U << log_bound), tuniform_variance(log_bound)};
}

StepNoise upload_rounding(WireFormat wire) { return rounding_to(step_of(wire.upload_bits)); }

StepNoise answer_rounding(WireFormat wire) { return rounding_to(step_of(wire.download_bits)); }

StepNoise lift_rounding() { return rounding_to(1); }

double worst_input_noise(unsigned log_bound, WireFormat wire) {
  return message_rounding().worst + encryption_error(log_bound).worst + upload_rounding(wire).worst;
}

double worst_output_noise(WireFormat wire) {
  return answer_rounding(wire).worst + lift_rounding().worst;
}

double worst_noise(unsigned log_bound, double row_l1, WireFormat wire) {
  return row_l1 * worst_input_noise(log_bound, wire) + worst_output_noise(wire);
}

double input_noise_variance(unsigned log_bound, WireFormat wire) {
  return message_rounding().variance + encryption_error(log_bound).variance +
         upload_rounding(wire).variance;
}

double output_noise_variance(WireFormat wire) {
  return answer_rounding(wire).variance + lift_rounding().variance;
}

double expected_noise(unsigned log_bound, double row_l2, WireFormat wire) {
  return std::sqrt(row_l2 * row_l2 * input_noise_variance(log_bound, wire) +
                   output_noise_variance(wire));
}

double expected_noise_to_signal(unsigned log_bound, double row_l2, double max_l2, double in,
                                WireFormat wire) {
  return expected_noise(log_bound, row_l2, wire) * std::sqrt(in) * max_l2 / (row_l2 * q / 2);
}

double message_room(unsigned log_bound, double max_l1, WireFormat wire) {
  return (q - 1) / 2 - worst_noise(log_bound, max_l1, wire) - rounding_slack;
}

}  // namespace hippocrypt::crypto
