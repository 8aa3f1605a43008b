#pragma once
// Weights of a Llama-family model, split by who holds them: the frozen matrices of the blocks
// belong to the blind server (and to the plain oracles), the rest to every hospital.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/matrix.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"
#include "model/config.hpp"

namespace hippocrypt::model {

/// blocks[b][group] is the stacked matrix W (out_features(group), in_features(group)).
template <class T>
struct BaseWeightsT {
  std::vector<std::array<MatrixT<T>, linear_group_count>> blocks;
  MatrixT<T> head;  ///< (vocab, hidden) where oracles are to offer it (offer_head()), else empty

  const MatrixT<T>& at(LinearSite site) const {
    if (site.group == LinearGroup::head) return head;
    return blocks.at(site.block)[static_cast<std::size_t>(site.group)];
  }
  MatrixT<T>& at(LinearSite site) {
    if (site.group == LinearGroup::head) return head;
    return blocks.at(site.block)[static_cast<std::size_t>(site.group)];
  }
};
using BaseWeights = BaseWeightsT<float>;

/// What a hospital needs besides the oracle. Gradients with respect to it have the same type.
template <class T>
struct ClientWeightsT {
  MatrixT<T> embedding;                        ///< (vocab, hidden)
  std::vector<std::vector<T>> attention_norm;  ///< per block, hidden gains
  std::vector<std::vector<T>> ffn_norm;        ///< per block, hidden gains
  std::vector<T> final_norm;                   ///< hidden gains
  MatrixT<T> head;                             ///< (vocab, hidden); empty when tied
  /// Per block, out_features(qkv) values; no blocks when the model has none. The server does not
  /// know them: they are added after its product is decrypted.
  std::vector<std::vector<T>> qkv_bias;

  const MatrixT<T>& output_head() const { return head.size() == 0 ? embedding : head; }
};
using ClientWeights = ClientWeightsT<float>;

struct Model {
  ModelConfig config;
  BaseWeights base;
  ClientWeights client;
};

/// Copies the output head to the base weights, so that an oracle made of them offers it.
void offer_head(Model& model);

/// int8 weights: W[r][c] ≈ row_scale[r]·values[r·cols + c], values in [-127, 127].
struct QuantizedMatrix {
  std::size_t rows = 0, cols = 0;
  std::vector<std::int8_t> values;
  std::vector<float> row_scale;
};

/// Symmetric, per row: row_scale = max|W_r| / 127 (0 for a zero row). Errors: not_finite.
Result<QuantizedMatrix> quantize_rows(ConstMatrixView weights);

/// All zero, of the shapes that `config` asks for (gradient sinks); no head in the base.
template <class T>
BaseWeightsT<T> zero_base_weights(const ModelConfig& config);
template <class T>
ClientWeightsT<T> zero_client_weights(const ModelConfig& config);

/// The same values in another type (double and complex copies serve gradient checks).
template <class T>
BaseWeightsT<T> convert_base(const BaseWeights& weights);
template <class T>
ClientWeightsT<T> convert_client(const ClientWeights& weights);

/// Errors: mismatch when a matrix or gain vector does not have the shape that the config asks for;
/// not_finite when one holds NaN or infinity.
Status check_weights(const Model& model);

}  // namespace hippocrypt::model
