#pragma once
// Shared by the tests of model/: seeded matrices, a tiny model, and derivatives by complex step
// (Squire and Trapp 1998): Im f(x + ih)/h has no cancellation, so h = 1e-30 gives them to rounding.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/matrix.hpp"
#include "base/random.hpp"
#include "model/batch.hpp"
#include "model/config.hpp"
#include "model/linear_oracle.hpp"
#include "model/lora_adapter.hpp"
#include "model/plain_oracle.hpp"
#include "model/pretrain.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

using Complex = std::complex<double>;
inline constexpr double complex_step = 1e-30;

inline MatrixT<double> random_matrix(std::size_t rows, std::size_t cols, std::string_view purpose,
                                     double scale = 1.0) {
  SeededSequence random{7, purpose};
  MatrixT<double> out{rows, cols};
  for (double& value : out.values()) value = scale * random.normal();
  return out;
}

template <class T>
MatrixT<T> as(const MatrixT<double>& from) {
  MatrixT<T> to{from.rows(), from.cols()};
  std::transform(from.values().begin(), from.values().end(), to.values().begin(),
                 [](double value) { return static_cast<T>(value); });
  return to;
}

template <class T>
std::vector<T> as(const std::vector<double>& from) {
  return {from.begin(), from.end()};
}

/// Checks `gradient` against the derivative of loss() with respect to every entry of `values`,
/// which loss() reads. The tolerance is relative to the largest derivative: rounding of the sums
/// that lead to a small one is of the size of the large ones.
template <class Loss>
void expect_gradient(std::span<Complex> values, std::span<const double> gradient, const Loss& loss,
                     double tolerance = 1e-10) {
  ASSERT_EQ(values.size(), gradient.size());
  std::vector<double> expected(values.size());
  double largest = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Complex before = values[i];
    values[i] += Complex{0.0, complex_step};
    expected[i] = loss().imag() / complex_step;
    values[i] = before;
    largest = std::max(largest, std::abs(expected[i]));
  }
  ASSERT_GT(largest, 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_NEAR(gradient[i], expected[i], tolerance * largest) << "entry " << i;
  }
}

/// Σ c∘y, a loss whose gradient with respect to y is c.
inline Complex weighted_sum(const MatrixT<double>& c, const MatrixT<Complex>& y) {
  Complex sum{};
  for (std::size_t i = 0; i < c.size(); ++i) sum += c.values()[i] * y.values()[i];
  return sum;
}

enum class Head { tied, untied };

inline ModelLiteral tiny_literal(Head head = Head::tied) {
  ModelLiteral literal;
  literal.vocab = 11;
  literal.hidden = 8;
  literal.blocks = 2;
  literal.heads = 4;
  literal.kv_heads = 2;
  literal.head_dim = 4;  // heads·head_dim = 16 differs from hidden on purpose
  literal.ffn = 10;
  literal.max_context = 64;
  literal.tied_head = head == Head::tied;
  return literal;
}

inline ModelConfig config_of(const ModelLiteral& literal) {
  return ModelConfig::create(literal).value();
}

/// Weights large enough that no part of the model is nearly linear; gains that are not 1.
inline Model tiny_model(const ModelConfig& config) {
  Model model = initial_model(config, 3, 0.4);
  SeededSequence random{5, "gains"};
  const auto perturb = [&](std::vector<float>& gains) {
    for (float& gain : gains) gain = static_cast<float>(1.0 + 0.3 * random.normal());
  };
  for (auto& gains : model.client.attention_norm) perturb(gains);
  for (auto& gains : model.client.ffn_norm) perturb(gains);
  perturb(model.client.final_norm);
  for (auto& biases : model.client.qkv_bias) {
    for (float& bias : biases) bias = static_cast<float>(0.5 * random.normal());
  }
  return model;
}

/// Three sequences with dummies between and after them, and uneven weights.
inline Batch tiny_batch() {
  Batch batch;
  batch.tokens = {1, 4, 2, 7, 3, 0, 0, 9, 9, 5, 10, 6, 8, 1, 2, 0};
  batch.sequences = {{0, 5}, {7, 4}, {11, 3}};
  batch.loss_weight = {0.5F, 0.25F, 0.0F, 1.0F, 0.0F, 0.0F, 0.0F, 0.75F,
                       0.5F, 0.3F,  0.0F, 1.5F, 0.2F, 0.0F, 0.0F, 0.0F};
  return batch;
}

inline const std::vector<LoraTarget> all_targets = {
    LoraTarget::q,    LoraTarget::k,  LoraTarget::v,   LoraTarget::o,
    LoraTarget::gate, LoraTarget::up, LoraTarget::down};

/// An adapter on `targets` with B different from zero.
inline LoraAdapter tiny_adapter(const ModelConfig& config, const std::vector<LoraTarget>& targets) {
  const LoraConfig lora = LoraConfig::create({2, 3.0, targets}, config).value();
  LoraAdapter adapter = initial_adapter(config, lora, LoraInit::kaiming_uniform, 4);
  SeededSequence random{6, "B"};
  for (std::size_t b = 0; b < adapter.blocks(); ++b) {
    for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
      for (float& value : adapter.at(b, i).b.values()) {
        value = static_cast<float>(0.3 * random.normal());
      }
    }
  }
  return adapter;
}

/// An adapter with a core different from zero (Fed-SB).
inline LoraAdapter tiny_core_adapter(const ModelConfig& config,
                                     const std::vector<LoraTarget>& targets) {
  const LoraConfig lora = LoraConfig::create({3, 3.0, targets}, config).value();
  LoraAdapter adapter = initial_adapter(config, lora, LoraInit::orthonormal_core, 4);
  SeededSequence random{6, "R"};
  std::vector<float> cores(trainable_count(config, lora, Trainable::core));
  for (float& value : cores) value = static_cast<float>(0.5 * random.normal());
  scatter<float>(cores, Trainable::core, adapter);
  return adapter;
}

/// A model in type T with its plain oracle.
template <class T>
struct Fixture {
  explicit Fixture(const Model& model)
      : config{model.config},
        base{convert_base<T>(model.base)},
        client{convert_client<T>(model.client)},
        oracle{base} {}
  ModelConfig config;
  BaseWeightsT<T> base;
  ClientWeightsT<T> client;
  PlainFp32OracleT<T> oracle;
};

}  // namespace hippocrypt::model
