#pragma once
// The keys and values that a sequence's tokens left behind, so that its next tokens need a pass of
// their own only.

#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/matrix.hpp"
#include "base/result.hpp"
#include "model/config.hpp"

namespace hippocrypt::model {

/// One sequence. All memory is taken when it is made. A copy is a fork: two continuations of the
/// same beginning.
template <class T>
class KvCacheT {
 public:
  /// Room for `capacity_tokens` tokens. Errors: limit_exceeded (more than max_context or than
  /// `limit_bytes` hold); out_of_range (no room at all).
  static Result<KvCacheT> create(const ModelConfig& config, std::size_t capacity_tokens,
                                 std::uint64_t limit_bytes);
  /// What one token takes.
  static std::uint64_t bytes_per_token(const ModelConfig& config);

  std::size_t tokens() const { return tokens_; }
  std::size_t capacity_tokens() const { return capacity_; }
  /// Forgets all but the first `tokens` tokens, of which there must be as many.
  void truncate(std::size_t tokens);
  /// A fork with room for `capacity_tokens`, at least tokens(). The caller minds the memory.
  KvCacheT fork(std::size_t capacity_tokens) const;

  /// Keys of the first `tokens` tokens of a block, after the rotary embedding (kv_width, tokens).
  ConstMatrixViewT<T> keys(std::size_t block, std::size_t tokens) const;
  /// Their values (kv_width, tokens).
  ConstMatrixViewT<T> values(std::size_t block, std::size_t tokens) const;
  /// Writes what tokens [past, past + keys.cols()) leave in `block`; keys, values (kv_width,
  /// tokens). They count only after commit(): a pass that fails half-way can be repeated.
  void write(std::size_t block, std::size_t past, ConstMatrixViewT<T> keys,
             ConstMatrixViewT<T> values);
  /// From now on there are `tokens` tokens.
  void commit(std::size_t tokens);

 private:
  KvCacheT(std::size_t blocks, std::size_t width, std::size_t capacity);

  std::vector<MatrixT<T>> keys_, values_;  ///< per block (kv_width, capacity)
  std::size_t capacity_ = 0;
  std::size_t tokens_ = 0;
};
using KvCache = KvCacheT<float>;

extern template class KvCacheT<float>;
extern template class KvCacheT<double>;
extern template class KvCacheT<std::complex<double>>;

}  // namespace hippocrypt::model
