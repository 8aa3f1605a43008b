#include "model/attention.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <vector>

#include "base/gemm.hpp"
#include "base/parallel.hpp"
#include "model/numeric.hpp"
#include "model/row_kernels.hpp"

namespace hippocrypt::model {
namespace {

// Wide enough for the matrix kernels, narrow enough to skip most of what the causal mask removes.
constexpr std::size_t tile_queries = 64;

/// Columns [first, first + count) of one sequence, which look at its first first + count tokens.
struct Tile {
  std::size_t first, count;
  std::size_t keys() const { return first + count; }
  /// The first column of the tile that may look at `key`.
  std::size_t begin(std::size_t key) const { return key > first ? key - first : 0; }
};

/// Row ranges of one head within qkv.
struct HeadRows {
  std::size_t query, key, value;
};

HeadRows head_rows(const ModelConfig& config, std::size_t head) {
  const std::size_t group = head / (config->heads / config->kv_heads);
  return {head * config->head_dim, config.query_width() + group * config->head_dim,
          config.query_width() + config.kv_width() + group * config->head_dim};
}

template <class T>
ConstMatrixViewT<T> window(ConstMatrixViewT<T> x, std::size_t row, std::size_t rows,
                           std::size_t column, std::size_t columns) {
  return x.row_block(row, rows).columns(column, columns);
}
template <class T>
MatrixViewT<T> window(MatrixViewT<T> x, std::size_t row, std::size_t rows, std::size_t column,
                      std::size_t columns) {
  return x.row_block(row, rows).columns(column, columns);
}

/// scores (keys, queries) → probabilities over the keys of every column, 0 beyond the causal mask.
template <class T>
void causal_softmax(const Tile& tile, T scale, MatrixViewT<T> scores) {
  std::array<T, tile_queries> largest{};
  std::array<T, tile_queries> sum{};
  std::copy_n(scores.row(0).data(), tile.count, largest.data());
  for (std::size_t key = 1; key < tile.keys(); ++key) {
    const T* const row = scores.row(key).data();
    for (std::size_t c = tile.begin(key); c < tile.count; ++c) {
      largest[c] = real_part(row[c]) > real_part(largest[c]) ? row[c] : largest[c];
    }
  }
  for (std::size_t key = 0; key < tile.keys(); ++key) {
    T* const row = scores.row(key).data();
    const std::size_t begin = tile.begin(key);
    std::fill_n(row, begin, T{});
    row_kernels::exponentials(row + begin, largest.data() + begin, scale, sum.data() + begin,
                              tile.count - begin);
  }
  for (std::size_t c = 0; c < tile.count; ++c) sum[c] = T{1} / sum[c];
  for (std::size_t key = 0; key < tile.keys(); ++key) {
    T* const row = scores.row(key).data();
    for (std::size_t c = tile.begin(key); c < tile.count; ++c) row[c] *= sum[c];
  }
}

/// dp becomes scale·p∘(dp − Σ_key p·dp), the gradient with respect to the unscaled scores.
template <class T>
void softmax_backward(const Tile& tile, T scale, ConstMatrixViewT<T> p, MatrixViewT<T> dp) {
  std::array<T, tile_queries> inner{};
  for (std::size_t key = 0; key < tile.keys(); ++key) {
    const T* const row = p.row(key).data();
    const T* const d = dp.row(key).data();
    for (std::size_t c = 0; c < tile.count; ++c) inner[c] += row[c] * d[c];
  }
  for (std::size_t key = 0; key < tile.keys(); ++key) {
    const T* const row = p.row(key).data();
    T* const d = dp.row(key).data();
    for (std::size_t c = 0; c < tile.count; ++c) d[c] = scale * (row[c] * (d[c] - inner[c]));
  }
}

/// Calls body(worker, head, span, tile) for every tile of every sequence of every head. The heads
/// of one sequence that share keys are one piece of work, in order, as they add to one gradient.
template <class Body>
void for_each_tile(const ModelConfig& config, std::span<const SequenceSpan> sequences,
                   std::size_t threads, const Body& body) {
  const std::size_t group = config->heads / config->kv_heads;
  run_pieces(
      sequences.size() * config->kv_heads, threads, [&](std::size_t piece, std::size_t worker) {
        const SequenceSpan& span = sequences[piece / config->kv_heads];
        const std::size_t first_head = piece % config->kv_heads * group;
        for (std::size_t head = first_head; head < first_head + group; ++head) {
          for (std::size_t first = 0; first < span.count; first += tile_queries) {
            body(worker, head, span, Tile{first, std::min(tile_queries, span.count - first)});
          }
        }
      });
}

/// Scratch of every worker: `count` matrices of a tile's scores.
template <class T>
class ScoreScratch {
 public:
  ScoreScratch(std::span<const SequenceSpan> sequences, std::size_t threads, std::size_t count)
      : count_{count} {
    for (const SequenceSpan& span : sequences) {
      size_ = std::max(size_, (span.past + span.count) * std::min(span.count, tile_queries));
    }
    values_.resize(size_ * count * std::max<std::size_t>(threads, 1));
  }
  MatrixViewT<T> view(std::size_t worker, std::size_t index, const Tile& tile) {
    return {values_.data() + (worker * count_ + index) * size_, tile.keys(), tile.count,
            tile.count};
  }

 private:
  std::size_t count_, size_ = 0;
  std::vector<T> values_;
};

template <class T>
T score_scale(const ModelConfig& config) {
  return from_double<T>(1.0 / std::sqrt(static_cast<double>(config->head_dim)));
}

template <class T>
void fill_zero(MatrixViewT<T> x) {
  for (std::size_t r = 0; r < x.rows(); ++r) std::fill_n(x.row(r).data(), x.cols(), T{});
}

/// What one tile of one head looks with, at and takes: (head_dim, tile.count) and twice
/// (head_dim, tile.keys()).
template <class T>
struct HeadTile {
  ConstMatrixViewT<T> query, key, value;
};

/// out (head_dim, tile.count); scores (tile.keys(), tile.count) is scratch.
template <class T>
void attend(const Tile& tile, T scale, const HeadTile<T>& head, MatrixViewT<T> scores,
            MatrixViewT<T> out) {
  gemm<T>(Transpose::yes, head.key, Transpose::no, head.query, scores);
  causal_softmax(tile, scale, scores);
  gemm<T>(Transpose::no, head.value, Transpose::no, scores, out);
}

}  // namespace

template <class T>
void attention_forward(const ModelConfig& config, std::span<const SequenceSpan> sequences,
                       ConstMatrixViewT<T> qkv, MatrixViewT<T> out, std::size_t threads) {
  HIPPOCRYPT_CHECK(qkv.rows() == config.out_features(LinearGroup::qkv));
  HIPPOCRYPT_CHECK(out.rows() == config.query_width() && out.cols() == qkv.cols());
  fill_zero(out);
  const std::size_t dim = config->head_dim;
  ScoreScratch<T> scratch{sequences, threads, 1};
  for_each_tile(
      config, sequences, threads,
      [&](std::size_t worker, std::size_t head, const SequenceSpan& span, const Tile& tile) {
        const HeadRows rows = head_rows(config, head);
        const std::size_t column = span.begin + tile.first;
        attend<T>(tile, score_scale<T>(config),
                  {window(qkv, rows.query, dim, column, tile.count),
                   window(qkv, rows.key, dim, span.begin, tile.keys()),
                   window(qkv, rows.value, dim, span.begin, tile.keys())},
                  scratch.view(worker, 0, tile), window(out, rows.query, dim, column, tile.count));
      });
}

template <class T>
void attention_extend(const ModelConfig& config, std::span<const SequenceSpan> sequences,
                      std::size_t block, std::span<KvCacheT<T>* const> caches,
                      ConstMatrixViewT<T> qkv, MatrixViewT<T> out, std::size_t threads) {
  HIPPOCRYPT_CHECK(qkv.rows() == config.out_features(LinearGroup::qkv));
  HIPPOCRYPT_CHECK(out.rows() == config.query_width() && out.cols() == qkv.cols());
  HIPPOCRYPT_CHECK(caches.size() == sequences.size());
  fill_zero(out);
  const std::size_t dim = config->head_dim;
  const std::size_t queries = config.query_width();
  const auto new_keys = qkv.row_block(queries, config.kv_width());
  const auto new_values = qkv.row_block(queries + config.kv_width(), config.kv_width());
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    const auto [begin, count, past] = sequences[s];
    caches[s]->write(block, past, new_keys.columns(begin, count), new_values.columns(begin, count));
  }
  ScoreScratch<T> scratch{sequences, threads, 1};
  for_each_tile(
      config, sequences, threads,
      [&](std::size_t worker, std::size_t head, const SequenceSpan& span, const Tile& tile) {
        const KvCacheT<T>& cache = *caches[static_cast<std::size_t>(&span - sequences.data())];
        const std::size_t row = head_rows(config, head).key - queries;
        const std::size_t column = span.begin + tile.first;
        const Tile whole{span.past + tile.first, tile.count};
        attend<T>(whole, score_scale<T>(config),
                  {window(qkv, head * dim, dim, column, tile.count),
                   window(cache.keys(block, whole.keys()), row, dim, 0, whole.keys()),
                   window(cache.values(block, whole.keys()), row, dim, 0, whole.keys())},
                  scratch.view(worker, 0, whole), window(out, head * dim, dim, column, tile.count));
      });
}

template <class T>
void attention_backward(const ModelConfig& config, std::span<const SequenceSpan> sequences,
                        ConstMatrixViewT<T> qkv, ConstMatrixViewT<T> dout, MatrixViewT<T> dqkv,
                        std::size_t threads) {
  HIPPOCRYPT_CHECK(qkv.rows() == config.out_features(LinearGroup::qkv));
  HIPPOCRYPT_CHECK(dout.rows() == config.query_width() && dout.cols() == qkv.cols());
  HIPPOCRYPT_CHECK(dqkv.rows() == qkv.rows() && dqkv.cols() == qkv.cols());
  fill_zero(dqkv);
  const std::size_t dim = config->head_dim;
  ScoreScratch<T> scratch{sequences, threads, 2};
  for_each_tile(
      config, sequences, threads,
      [&](std::size_t worker, std::size_t head, const SequenceSpan& span, const Tile& tile) {
        const HeadRows rows = head_rows(config, head);
        const std::size_t column = span.begin + tile.first;
        const auto query = window(qkv, rows.query, dim, column, tile.count);
        const auto key = window(qkv, rows.key, dim, span.begin, tile.keys());
        const auto value = window(qkv, rows.value, dim, span.begin, tile.keys());
        const auto d = window(dout, rows.query, dim, column, tile.count);
        const MatrixViewT<T> p = scratch.view(worker, 0, tile);
        const MatrixViewT<T> dp = scratch.view(worker, 1, tile);
        gemm<T>(Transpose::yes, key, Transpose::no, query, p);
        causal_softmax(tile, score_scale<T>(config), p);
        gemm<T>(Transpose::no, d, Transpose::yes, p,
                window(dqkv, rows.value, dim, span.begin, tile.keys()), true);
        gemm<T>(Transpose::yes, value, Transpose::no, d, dp);
        softmax_backward<T>(tile, score_scale<T>(config), p, dp);
        gemm<T>(Transpose::no, key, Transpose::no, dp,
                window(dqkv, rows.query, dim, column, tile.count));
        gemm<T>(Transpose::no, query, Transpose::yes, dp,
                window(dqkv, rows.key, dim, span.begin, tile.keys()), true);
      });
}

#define HIPPOCRYPT_INSTANTIATE(T)                                                               \
  template void attention_forward<T>(const ModelConfig&, std::span<const SequenceSpan>,         \
                                     ConstMatrixViewT<T>, MatrixViewT<T>, std::size_t);         \
  template void attention_extend<T>(const ModelConfig&, std::span<const SequenceSpan>,          \
                                    std::size_t, std::span<KvCacheT<T>* const>,                 \
                                    ConstMatrixViewT<T>, MatrixViewT<T>, std::size_t);          \
  template void attention_backward<T>(const ModelConfig&, std::span<const SequenceSpan>,        \
                                      ConstMatrixViewT<T>, ConstMatrixViewT<T>, MatrixViewT<T>, \
                                      std::size_t);
HIPPOCRYPT_INSTANTIATE(float)
HIPPOCRYPT_INSTANTIATE(double)
HIPPOCRYPT_INSTANTIATE(std::complex<double>)
#undef HIPPOCRYPT_INSTANTIATE

}  // namespace hippocrypt::model
