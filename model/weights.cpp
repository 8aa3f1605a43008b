#include "model/weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <complex>

#include "model/block_weights.hpp"
#include "model/numeric.hpp"

namespace hippocrypt::model {
namespace {

template <class T>
MatrixT<T> convert_matrix(const Matrix& from) {
  MatrixT<T> to{from.rows(), from.cols()};
  std::transform(from.values().begin(), from.values().end(), to.values().begin(),
                 [](float value) { return from_float<T>(value); });
  return to;
}

template <class T>
std::vector<T> convert_vector(const std::vector<float>& from) {
  std::vector<T> to;
  for (const float value : from) to.push_back(from_float<T>(value));
  return to;
}

template <class T>
std::vector<std::vector<T>> convert_vectors(const std::vector<std::vector<float>>& from) {
  std::vector<std::vector<T>> to;
  for (const auto& values : from) to.push_back(convert_vector<T>(values));
  return to;
}

Status check_matrix(const char* name, const Matrix& matrix, std::size_t rows, std::size_t cols) {
  if (matrix.rows() != rows || matrix.cols() != cols) {
    return Error{Errc::mismatch, fmt::format("{} is {} x {}; the config asks for {} x {}", name,
                                             matrix.rows(), matrix.cols(), rows, cols)};
  }
  if (!all_finite(matrix.view())) {
    return Error{Errc::not_finite, fmt::format("{} holds NaN or infinity", name)};
  }
  return {};
}

Status check_vector(const char* name, const std::vector<float>& values, std::size_t count) {
  if (values.size() != count) {
    return Error{Errc::mismatch, fmt::format("{} has {} values; the config asks for {}", name,
                                             values.size(), count)};
  }
  if (!all_finite(ConstMatrixView{values.data(), 1, values.size()})) {
    return Error{Errc::not_finite, fmt::format("{} holds NaN or infinity", name)};
  }
  return {};
}

}  // namespace

void offer_head(Model& model) { model.base.head = model.client.output_head(); }

Result<QuantizedMatrix> quantize_rows(ConstMatrixView weights) {
  if (!all_finite(weights)) {
    return Error{Errc::not_finite, "a weight matrix with NaN or infinity cannot be quantized"};
  }
  QuantizedMatrix out{weights.rows(), weights.cols(), {}, {}};
  out.values.resize(weights.rows() * weights.cols());
  out.row_scale.resize(weights.rows());
  for (std::size_t r = 0; r < weights.rows(); ++r) {
    float largest = 0.0F;
    for (const float value : weights.row(r)) largest = std::max(largest, std::abs(value));
    out.row_scale[r] = largest / 127.0F;
    if (out.row_scale[r] == 0.0F) continue;  // a zero row, or one too small for a float's scale
    const double inverse = 127.0 / static_cast<double>(largest);
    for (std::size_t c = 0; c < weights.cols(); ++c) {
      const double scaled = std::nearbyint(static_cast<double>(weights(r, c)) * inverse);
      out.values[r * weights.cols() + c] =
          static_cast<std::int8_t>(std::clamp(scaled, -127.0, 127.0));
    }
  }
  return out;
}

template <class T>
BaseWeightsT<T> zero_base_weights(const ModelConfig& config) {
  BaseWeightsT<T> out;
  out.blocks.resize(config->blocks);
  for (auto& block : out.blocks) block = zero_block_weights<T>(config);
  return out;
}

template <class T>
ClientWeightsT<T> zero_client_weights(const ModelConfig& config) {
  ClientWeightsT<T> out;
  out.embedding = MatrixT<T>{config->vocab, config->hidden};
  out.attention_norm.assign(config->blocks, std::vector<T>(config->hidden));
  out.ffn_norm = out.attention_norm;
  out.final_norm.resize(config->hidden);
  if (!config->tied_head) out.head = MatrixT<T>{config->vocab, config->hidden};
  if (config->qkv_bias) {
    out.qkv_bias.assign(config->blocks, std::vector<T>(config.out_features(LinearGroup::qkv)));
  }
  return out;
}

template <class T>
BaseWeightsT<T> convert_base(const BaseWeights& weights) {
  BaseWeightsT<T> out;
  out.head = convert_matrix<T>(weights.head);
  out.blocks.resize(weights.blocks.size());
  for (std::size_t b = 0; b < weights.blocks.size(); ++b) {
    for (std::size_t g = 0; g < linear_group_count; ++g) {
      out.blocks[b][g] = convert_matrix<T>(weights.blocks[b][g]);
    }
  }
  return out;
}

template <class T>
ClientWeightsT<T> convert_client(const ClientWeights& weights) {
  ClientWeightsT<T> out;
  out.embedding = convert_matrix<T>(weights.embedding);
  out.head = convert_matrix<T>(weights.head);
  out.attention_norm = convert_vectors<T>(weights.attention_norm);
  out.ffn_norm = convert_vectors<T>(weights.ffn_norm);
  out.final_norm = convert_vector<T>(weights.final_norm);
  out.qkv_bias = convert_vectors<T>(weights.qkv_bias);
  return out;
}

Status check_weights(const Model& model) {
  const ModelConfig& config = model.config;
  const ClientWeights& client = model.client;
  const std::size_t blocks = config->blocks;
  if (model.base.blocks.size() != blocks || client.attention_norm.size() != blocks ||
      client.ffn_norm.size() != blocks ||
      client.qkv_bias.size() != (config->qkv_bias ? blocks : 0)) {
    return Error{Errc::mismatch,
                 fmt::format("the weights are not those of a model of {} blocks", blocks)};
  }
  for (std::size_t b = 0; b < blocks; ++b) {
    for (std::size_t g = 0; g < linear_group_count; ++g) {
      const auto group = static_cast<LinearGroup>(g);
      HIPPOCRYPT_TRY_VOID(check_matrix(to_string(group), model.base.blocks[b][g],
                                       config.out_features(group), config.in_features(group)));
    }
    HIPPOCRYPT_TRY_VOID(check_vector("attention_norm", client.attention_norm[b], config->hidden));
    HIPPOCRYPT_TRY_VOID(check_vector("ffn_norm", client.ffn_norm[b], config->hidden));
    if (!config->qkv_bias) continue;
    HIPPOCRYPT_TRY_VOID(
        check_vector("qkv_bias", client.qkv_bias[b], config.out_features(LinearGroup::qkv)));
  }
  if (model.base.head.size() != 0) {
    HIPPOCRYPT_TRY_VOID(
        check_matrix("the offered head", model.base.head, config->vocab, config->hidden));
  }
  HIPPOCRYPT_TRY_VOID(check_vector("final_norm", client.final_norm, config->hidden));
  HIPPOCRYPT_TRY_VOID(check_matrix("embedding", client.embedding, config->vocab, config->hidden));
  const std::size_t head_rows = config->tied_head ? 0 : config->vocab;
  const std::size_t head_cols = config->tied_head ? 0 : config->hidden;
  return check_matrix("head", client.head, head_rows, head_cols);
}

#define HIPPOCRYPT_INSTANTIATE(T)                                        \
  template BaseWeightsT<T> zero_base_weights<T>(const ModelConfig&);     \
  template ClientWeightsT<T> zero_client_weights<T>(const ModelConfig&); \
  template BaseWeightsT<T> convert_base<T>(const BaseWeights&);          \
  template ClientWeightsT<T> convert_client<T>(const ClientWeights&);
HIPPOCRYPT_INSTANTIATE(float)
HIPPOCRYPT_INSTANTIATE(double)
HIPPOCRYPT_INSTANTIATE(std::complex<double>)
#undef HIPPOCRYPT_INSTANTIATE

}  // namespace hippocrypt::model
