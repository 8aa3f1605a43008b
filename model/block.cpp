#include "model/block.hpp"

#include <fmt/format.h>

#include <complex>
#include <cstdint>
#include <utility>

#include "base/parallel.hpp"
#include "model/attention.hpp"
#include "model/numeric.hpp"

namespace hippocrypt::model {
namespace {

template <class T>
void add(ConstMatrixViewT<T> from, MatrixT<T>& to, std::size_t threads) {
  HIPPOCRYPT_CHECK(from.rows() == to.rows() && from.cols() == to.cols());
  run_ranges(to.rows(), 16, threads, [&](std::size_t begin, std::size_t count) {
    for (std::size_t r = begin; r < begin + count; ++r) {
      const T* const in = from.row(r).data();
      T* const out = to.row(r).data();
      for (std::size_t c = 0; c < to.cols(); ++c) out[c] += in[c];
    }
  });
}

Status check_answer(LinearSite site, std::size_t rows, std::size_t cols, std::size_t want_rows,
                    std::size_t want_cols) {
  if (rows == want_rows && cols == want_cols) return {};
  return Error{Errc::mismatch,
               fmt::format("the oracle answered block {} {} with {} x {} instead of {} x {}",
                           site.block, to_string(site.group), rows, cols, want_rows, want_cols)};
}

/// One block's products: the oracle's plus the adapter's.
template <class T>
class Products {
 public:
  Products(const BlockContextT<T>& context, std::size_t block) : context_{context}, block_{block} {}

  Result<MatrixT<T>> forward(LinearGroup group, ConstMatrixViewT<T> x,
                             std::vector<MatrixT<T>>* ax) const {
    HIPPOCRYPT_TRY(MatrixT<T> y, context_.oracle.forward(site(group), x));
    HIPPOCRYPT_TRY_VOID(check_answer(site(group), y.rows(), y.cols(),
                                     context_.config.out_features(group), x.cols()));
    if (context_.adapter != nullptr) {
      const PhaseTimer::Span span{context_.options.timer, "adapter"};
      lora_forward<T>(*context_.adapter, block_, group, x, y.view(), ax, context_.options.threads);
    }
    return y;
  }

  Result<MatrixT<T>> backward(LinearGroup group, ConstMatrixViewT<T> dy,
                              const BlockSinksT<T>& sinks) const {
    HIPPOCRYPT_TRY(MatrixT<T> dx, context_.oracle.backward(site(group), dy));
    HIPPOCRYPT_TRY_VOID(check_answer(site(group), dx.rows(), dx.cols(),
                                     context_.config.in_features(group), dy.cols()));
    MatrixViewT<T> view = dx.view();
    adapter_backward(group, dy, &view, sinks);
    return dx;
  }

  void adapter_backward(LinearGroup group, ConstMatrixViewT<T> dy, MatrixViewT<T>* dx,
                        const BlockSinksT<T>& sinks) const {
    if (context_.adapter == nullptr) return;
    const PhaseTimer::Span span{context_.options.timer, "adapter"};
    lora_backward<T>(*context_.adapter, block_, group, dy, dx,
                     sinks.tape != nullptr && sinks.tape_products ? &sinks.tape->bdy : nullptr,
                     context_.options.threads);
  }

  /// Whether the tape wants this group's dy, and (inputs) its x.
  bool taped(LinearGroup group, const BlockSinksT<T>& sinks) const {
    return sinks.tape != nullptr && adapts(*context_.adapter, group);
  }
  bool inputs_taped(LinearGroup group, const BlockSinksT<T>& sinks) const {
    return sinks.tape_inputs && taped(group, sinks);
  }

 private:
  LinearSite site(LinearGroup group) const { return {static_cast<std::uint32_t>(block_), group}; }
  const BlockContextT<T>& context_;
  std::size_t block_;
};

/// y[r] += bias[r] in every column: what the server, which has no biases, leaves out.
template <class T>
void add_bias(std::span<const T> bias, MatrixT<T>& y) {
  HIPPOCRYPT_CHECK(bias.size() == y.rows());
  for (std::size_t r = 0; r < y.rows(); ++r) {
    for (T& value : y.row(r)) value += bias[r];
  }
}

/// dbias += the sums of dy's rows.
template <class T>
void add_bias_gradient(const MatrixT<T>& dy, std::span<T> dbias) {
  HIPPOCRYPT_CHECK(dbias.size() == dy.rows());
  for (std::size_t r = 0; r < dy.rows(); ++r) {
    WideT<T> sum{};
    for (const T value : dy.row(r)) sum += static_cast<WideT<T>>(value);
    dbias[r] += static_cast<T>(sum);
  }
}

template <class T>
MatrixT<T>& slot(std::array<MatrixT<T>, linear_group_count>& matrices, LinearGroup group) {
  return matrices[static_cast<std::size_t>(group)];
}

template <class T>
std::span<T> gain_sink(const BlockSinksT<T>& sinks,
                       std::vector<std::vector<T>> ClientWeightsT<T>::*gains, std::size_t block) {
  if (sinks.gradient == nullptr) return {};
  return (sinks.gradient->*gains).at(block);
}

/// The element-wise operations, timed.
template <class T>
struct Elementwise {
  const TransformerOptions& options;

  PhaseTimer::Span span() const { return PhaseTimer::Span{options.timer, "elementwise"}; }

  void norm(const MatrixT<T>& x, const std::vector<T>& gain, double epsilon, MatrixT<T>& h,
            std::vector<T>& inverse_rms) const {
    const auto timed = span();
    rms_norm_forward<T>(x, gain, epsilon, h.view(), inverse_rms, options.threads);
  }
  MatrixT<T> normalised(const MatrixT<T>& x, const std::vector<T>& gain,
                        const std::vector<T>& inverse_rms) const {
    const auto timed = span();
    MatrixT<T> h = MatrixT<T>::for_overwrite(x.rows(), x.cols());
    rms_norm_apply<T>(x, gain, inverse_rms, h.view(), options.threads);
    return h;
  }
  void norm_backward(const MatrixT<T>& x, const std::vector<T>& gain,
                     const std::vector<T>& inverse_rms, const MatrixT<T>& dh, MatrixT<T>& d,
                     std::span<T> dgain) const {
    const auto timed = span();
    rms_norm_backward<T>(x, gain, inverse_rms, dh, d.view(), dgain, options.threads);
  }
  /// gate_up (2·ffn, tokens).
  MatrixT<T> gated(const MatrixT<T>& gate_up) const {
    const auto timed = span();
    const std::size_t ffn = gate_up.rows() / 2;
    MatrixT<T> act = MatrixT<T>::for_overwrite(ffn, gate_up.cols());
    silu_gate_forward<T>(gate_up.view().row_block(0, ffn), gate_up.view().row_block(ffn, ffn),
                         act.view(), options.threads);
    return act;
  }
  MatrixT<T> gated_backward(const MatrixT<T>& gate_up, const MatrixT<T>& dact) const {
    const auto timed = span();
    const std::size_t ffn = gate_up.rows() / 2;
    MatrixT<T> d = MatrixT<T>::for_overwrite(gate_up.rows(), gate_up.cols());
    silu_gate_backward<T>(gate_up.view().row_block(0, ffn), gate_up.view().row_block(ffn, ffn),
                          dact, d.view().row_block(0, ffn), d.view().row_block(ffn, ffn),
                          options.threads);
    return d;
  }
  void add_to(const MatrixT<T>& from, MatrixT<T>& to) const {
    const auto timed = span();
    add<T>(from, to, options.threads);
  }
};

/// Queries and keys are neighbours, so one call turns both.
template <class T>
MatrixViewT<T> queries_and_keys(const ModelConfig& config, MatrixT<T>& qkv) {
  return qkv.view().row_block(0, config.query_width() + config.kv_width());
}

/// dx_mid in, in `d`: dy of the block on entry. Down, gate, gate_up and the ffn's norm.
template <class T>
Status ffn_backward(const BlockContextT<T>& context, std::size_t block, BlockCacheT<T>& cache,
                    const BlockSinksT<T>& sinks, MatrixT<T>& d) {
  const Products<T> products{context, block};
  const Elementwise<T> elementwise{context.options};
  const std::vector<T>& gain = context.weights.ffn_norm.at(block);
  HIPPOCRYPT_TRY(const MatrixT<T> dact, products.backward(LinearGroup::down, d, sinks));
  if (products.taped(LinearGroup::down, sinks)) slot(sinks.tape->dy, LinearGroup::down) = d;
  if (products.inputs_taped(LinearGroup::down, sinks)) {
    slot(sinks.tape->x, LinearGroup::down) = elementwise.gated(cache.gate_up);
  }
  MatrixT<T> dgate_up = elementwise.gated_backward(cache.gate_up, dact);
  HIPPOCRYPT_TRY(const MatrixT<T> dh, products.backward(LinearGroup::gate_up, dgate_up, sinks));
  if (products.taped(LinearGroup::gate_up, sinks)) {
    slot(sinks.tape->dy, LinearGroup::gate_up) = std::move(dgate_up);
  }
  if (products.inputs_taped(LinearGroup::gate_up, sinks)) {
    slot(sinks.tape->x, LinearGroup::gate_up) =
        elementwise.normalised(cache.x_mid, gain, cache.inverse_rms_ffn);
  }
  elementwise.norm_backward(cache.x_mid, gain, cache.inverse_rms_ffn, dh, d,
                            gain_sink(sinks, &ClientWeightsT<T>::ffn_norm, block));
  return {};
}

}  // namespace

template <class T>
Result<MatrixT<T>> block_forward(const BlockContextT<T>& context, std::size_t block, MatrixT<T> x,
                                 BlockCacheT<T>* cache) {
  HIPPOCRYPT_CHECK(cache == nullptr || context.kv_caches.empty());
  const ModelConfig& config = context.config;
  const Products<T> products{context, block};
  const Elementwise<T> elementwise{context.options};
  const std::size_t tokens = x.cols(), threads = context.options.threads;
  const double epsilon = config->rms_epsilon;
  std::vector<MatrixT<T>>* ax = nullptr;
  if (cache != nullptr && context.adapter != nullptr) {
    cache->ax.resize(context.adapter->shapes().size());
    ax = &cache->ax;
  }
  std::vector<T> inverse_rms(tokens);
  MatrixT<T> h = MatrixT<T>::for_overwrite(config->hidden, tokens);
  elementwise.norm(x, context.weights.attention_norm.at(block), epsilon, h, inverse_rms);
  if (cache != nullptr) cache->inverse_rms_attention = inverse_rms;

  HIPPOCRYPT_TRY(MatrixT<T> qkv, products.forward(LinearGroup::qkv, h, ax));
  MatrixT<T> attended = MatrixT<T>::for_overwrite(config.query_width(), tokens);
  {
    const PhaseTimer::Span span{context.options.timer, "attention"};
    if (config->qkv_bias) add_bias<T>(context.weights.qkv_bias.at(block), qkv);
    rope_forward<T>(context.rope, context.sequences, queries_and_keys(config, qkv), threads);
    if (context.kv_caches.empty()) {
      attention_forward<T>(config, context.sequences, qkv, attended.view(), threads);
    } else {
      attention_extend<T>(config, context.sequences, block, context.kv_caches, qkv, attended.view(),
                          threads);
    }
  }
  HIPPOCRYPT_TRY(MatrixT<T> x_mid, products.forward(LinearGroup::attention_out, attended, ax));
  elementwise.add_to(x, x_mid);

  elementwise.norm(x_mid, context.weights.ffn_norm.at(block), epsilon, h, inverse_rms);
  HIPPOCRYPT_TRY(MatrixT<T> gate_up, products.forward(LinearGroup::gate_up, h, ax));
  const MatrixT<T> act = elementwise.gated(gate_up);
  HIPPOCRYPT_TRY(MatrixT<T> y, products.forward(LinearGroup::down, act, ax));
  elementwise.add_to(x_mid, y);
  if (cache != nullptr) {
    cache->x = std::move(x);
    cache->qkv = std::move(qkv);
    cache->context = std::move(attended);
    cache->x_mid = std::move(x_mid);
    cache->gate_up = std::move(gate_up);
    cache->inverse_rms_ffn = std::move(inverse_rms);
  }
  return y;
}

template <class T>
Result<MatrixT<T>> block_backward(const BlockContextT<T>& context, std::size_t block, MatrixT<T> dy,
                                  BlockCacheT<T> cache, const BlockSinksT<T>& sinks,
                                  bool want_input_gradient) {
  HIPPOCRYPT_CHECK(sinks.tape == nullptr || context.adapter != nullptr);
  const ModelConfig& config = context.config;
  const Products<T> products{context, block};
  const Elementwise<T> elementwise{context.options};
  const std::size_t threads = context.options.threads;
  if (sinks.tape != nullptr) {
    sinks.tape->ax = std::move(cache.ax);
    sinks.tape->bdy.resize(context.adapter->shapes().size());
  }
  MatrixT<T> d = std::move(dy);
  HIPPOCRYPT_TRY_VOID(ffn_backward(context, block, cache, sinks, d));

  HIPPOCRYPT_TRY(const MatrixT<T> dattended,
                 products.backward(LinearGroup::attention_out, d, sinks));
  if (products.taped(LinearGroup::attention_out, sinks)) {
    slot(sinks.tape->dy, LinearGroup::attention_out) = d;
  }
  if (products.inputs_taped(LinearGroup::attention_out, sinks)) {
    slot(sinks.tape->x, LinearGroup::attention_out) = std::move(cache.context);
  }
  MatrixT<T> dqkv = MatrixT<T>::for_overwrite(cache.qkv.rows(), cache.qkv.cols());
  {
    const PhaseTimer::Span span{context.options.timer, "attention"};
    attention_backward<T>(config, context.sequences, cache.qkv, dattended, dqkv.view(), threads);
    rope_backward<T>(context.rope, context.sequences, queries_and_keys(config, dqkv), threads);
    if (sinks.gradient != nullptr && config->qkv_bias) {
      add_bias_gradient<T>(dqkv, sinks.gradient->qkv_bias.at(block));
    }
  }

  const std::vector<T>& gain = context.weights.attention_norm.at(block);
  if (want_input_gradient) {
    HIPPOCRYPT_TRY(const MatrixT<T> dh, products.backward(LinearGroup::qkv, dqkv, sinks));
    elementwise.norm_backward(cache.x, gain, cache.inverse_rms_attention, dh, d,
                              gain_sink(sinks, &ClientWeightsT<T>::attention_norm, block));
  } else {
    products.adapter_backward(LinearGroup::qkv, dqkv, nullptr, sinks);
  }
  if (products.taped(LinearGroup::qkv, sinks)) {
    slot(sinks.tape->dy, LinearGroup::qkv) = std::move(dqkv);
  }
  if (products.inputs_taped(LinearGroup::qkv, sinks)) {
    slot(sinks.tape->x, LinearGroup::qkv) =
        elementwise.normalised(cache.x, gain, cache.inverse_rms_attention);
  }
  return d;
}

template <class T>
void block_top_gradient(const BlockContextT<T>& context, std::size_t block, const MatrixT<T>& d,
                        BlockCacheT<T> cache, const BlockSinksT<T>& sinks) {
  HIPPOCRYPT_CHECK(sinks.tape != nullptr && context.adapter != nullptr);
  const ModelConfig& config = context.config;
  const Products<T> products{context, block};
  sinks.tape->ax = std::move(cache.ax);
  sinks.tape->bdy.resize(context.adapter->shapes().size());
  for (std::size_t g = 0; g < linear_group_count; ++g) {
    const auto group = static_cast<LinearGroup>(g);
    if (!products.taped(group, sinks)) continue;
    const bool writes_residual = group == LinearGroup::attention_out || group == LinearGroup::down;
    MatrixT<T>& dy = slot(sinks.tape->dy, group);
    dy = writes_residual ? d : MatrixT<T>{config.out_features(group), d.cols()};
    products.adapter_backward(group, dy, nullptr, sinks);
    if (!products.inputs_taped(group, sinks)) continue;
    MatrixT<T>& x = slot(sinks.tape->x, group);
    if (group == LinearGroup::attention_out) {
      x = std::move(cache.context);
    } else if (group == LinearGroup::down) {
      x = Elementwise<T>{context.options}.gated(cache.gate_up);
    } else {
      x = MatrixT<T>{config.in_features(group), d.cols()};  // its gradient is 0 whatever it is
    }
  }
}

#define HIPPOCRYPT_INSTANTIATE(T)                                                                 \
  template Result<MatrixT<T>> block_forward<T>(const BlockContextT<T>&, std::size_t, MatrixT<T>,  \
                                               BlockCacheT<T>*);                                  \
  template Result<MatrixT<T>> block_backward<T>(const BlockContextT<T>&, std::size_t, MatrixT<T>, \
                                                BlockCacheT<T>, const BlockSinksT<T>&, bool);     \
  template void block_top_gradient<T>(const BlockContextT<T>&, std::size_t, const MatrixT<T>&,    \
                                      BlockCacheT<T>, const BlockSinksT<T>&);
HIPPOCRYPT_INSTANTIATE(float)
HIPPOCRYPT_INSTANTIATE(double)
HIPPOCRYPT_INSTANTIATE(std::complex<double>)
#undef HIPPOCRYPT_INSTANTIATE

}  // namespace hippocrypt::model
