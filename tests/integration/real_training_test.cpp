// LoRA training of the real model beside what PyTorch computes: losses, gradients, norms of
// examples, ten AdamW steps; plain and through the blind server.

#include "tests/integration/real_training.hpp"

#include <cstdio>

namespace hippocrypt {
namespace {

using federation::OracleKind;
using test_support::AdapterAgreement;
using test_support::RealTraining;

double norm_of(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(sum);
}

/// How far `own` is from `reference`, relatively.
double relative(double own, double reference) { return std::abs(own / reference - 1); }

struct Limits {
  double loss, norm, cosine;
};

RealTraining::FirstStep expect_first_step(RealTraining& training, const Limits& limits) {
  auto step = training.first_step();
  const auto losses = training.reference.at("example_loss").get<std::vector<double>>();
  const auto norms = training.reference.at("example_gradient_norm").get<std::vector<double>>();
  EXPECT_EQ(step.losses.size(), losses.size());
  double worst_loss = 0, worst_norm = 0;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    worst_loss = std::max(worst_loss, relative(step.losses[i], losses[i]));
    worst_norm = std::max(worst_norm, relative(norm_of(step.gradients[i]), norms[i]));
  }
  auto gradient = training.adapter;
  model::scatter<float>(step.gradients[0], model::Trainable::both, gradient);
  const AdapterAgreement agreement{gradient, "gradients.safetensors"};
  std::printf(
      "losses within %.2e, norms within %.2e; gradient cosine %.7f, worst matrix %.7f "
      "(%s)\n",
      worst_loss, worst_norm, agreement.whole.cosine(), agreement.worst,
      agreement.worst_name.c_str());
  EXPECT_LE(worst_loss, limits.loss);
  EXPECT_LE(worst_norm, limits.norm);
  EXPECT_GE(agreement.whole.cosine(), limits.cosine);
  return step;
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return ab / (norm_of(a) * norm_of(b));
}

void expect_ten_steps(RealTraining& training, double loss_limit, double cosine_limit) {
  const auto [losses, adapter] = training.train(10);
  const auto reference = training.reference.at("loss_per_step").get<std::vector<double>>();
  ASSERT_EQ(losses.size(), reference.size());
  double worst = 0;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    worst = std::max(worst, relative(losses[i], reference[i]));
  }
  const AdapterAgreement agreement{adapter, "adapter_after_10.safetensors"};
  std::printf(
      "ten losses within %.2e (the last %.4f, reference %.4f); adapter: largest difference "
      "%.2e, cosine %.7f, worst matrix %.7f (%s)\n",
      worst, losses.back(), reference.back(), agreement.whole.largest_difference,
      agreement.whole.cosine(), agreement.worst, agreement.worst_name.c_str());
  EXPECT_LE(worst, loss_limit);
  EXPECT_GE(agreement.whole.cosine(), cosine_limit);
}

TEST(RealTrainingTest, PlainLossesNormsAndGradientsAreThoseOfTheReference) {
  HIPPOCRYPT_NEED_REAL_MODEL();
  RealTraining training{OracleKind::plain_fp32};
  expect_first_step(training, {1e-4, 1e-3, 0.9999});
}

TEST(RealTrainingTest, TenPlainStepsFollowTheReference) {
  HIPPOCRYPT_NEED_REAL_MODEL();
  RealTraining training{OracleKind::plain_fp32};
  expect_ten_steps(training, 0.01, 0.999);
}

/// The rounding of weights to int8 is nearly all of the distance to fp32. Without the channels that
/// hospitals make up for, the cosine would be 0.9926. The norm of one of the eight examples is 23 %
/// off (with plain int8 products 22 %), those of the others within 2 %.
constexpr Limits of_int8_weights{0.01, 0.3, 0.995};

TEST(RealTrainingTest, EncryptedGradientsAndTenStepsFollowTheReference) {
  HIPPOCRYPT_NEED_REAL_MODEL();
  const auto int8 = RealTraining{OracleKind::plain_int8}.first_step();
  RealTraining training{OracleKind::encrypted};
  const auto step = expect_first_step(training, of_int8_weights);
  const double to_int8 = cosine(step.gradients[0], int8.gradients[0]);
  std::printf("gradient cosine with plain int8 products %.7f\n", to_int8);
  EXPECT_GE(to_int8, 0.999);
  expect_ten_steps(training, 0.03, 0.99);
}

}  // namespace
}  // namespace hippocrypt
