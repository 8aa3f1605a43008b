#include "model/kv_cache.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hippocrypt::model {
namespace {

template <class T>
void copy_columns(ConstMatrixViewT<T> from, MatrixT<T>& to, std::size_t first) {
  HIPPOCRYPT_CHECK(from.rows() == to.rows() && first + from.cols() <= to.cols());
  for (std::size_t r = 0; r < from.rows(); ++r) {
    std::copy_n(from.row(r).data(), from.cols(), to.row(r).data() + first);
  }
}

}  // namespace

template <class T>
KvCacheT<T>::KvCacheT(std::size_t blocks, std::size_t width, std::size_t capacity)
    : keys_(blocks, MatrixT<T>{width, capacity}), values_{keys_}, capacity_{capacity} {}

template <class T>
std::uint64_t KvCacheT<T>::bytes_per_token(const ModelConfig& config) {
  return std::uint64_t{2} * config->blocks * config.kv_width() * sizeof(T);
}

template <class T>
Result<KvCacheT<T>> KvCacheT<T>::create(const ModelConfig& config, std::size_t capacity_tokens,
                                        std::uint64_t limit_bytes) {
  if (capacity_tokens == 0) return Error{Errc::out_of_range, "there are no tokens to keep"};
  if (capacity_tokens > config->max_context) {
    return Error{Errc::limit_exceeded, fmt::format("{} tokens are asked for; the model takes {}",
                                                   capacity_tokens, config->max_context)};
  }
  const std::uint64_t bytes = bytes_per_token(config);
  if (capacity_tokens > limit_bytes / bytes) {
    return Error{Errc::limit_exceeded,
                 fmt::format("keys and values of {} tokens, {} bytes each, are above the limit of "
                             "{} bytes; ask for fewer tokens",
                             capacity_tokens, bytes, limit_bytes)};
  }
  return KvCacheT{config->blocks, config.kv_width(), capacity_tokens};
}

template <class T>
void KvCacheT<T>::truncate(std::size_t tokens) {
  HIPPOCRYPT_CHECK(tokens <= tokens_);
  tokens_ = tokens;
}

template <class T>
KvCacheT<T> KvCacheT<T>::fork(std::size_t capacity_tokens) const {
  HIPPOCRYPT_CHECK(capacity_tokens >= tokens_);
  KvCacheT copy{keys_.size(), keys_.empty() ? 0 : keys_.front().rows(), capacity_tokens};
  for (std::size_t b = 0; b < keys_.size(); ++b) {
    copy.write(b, 0, keys(b, tokens_), values(b, tokens_));
  }
  copy.tokens_ = tokens_;
  return copy;
}

template <class T>
ConstMatrixViewT<T> KvCacheT<T>::keys(std::size_t block, std::size_t tokens) const {
  return keys_.at(block).view().columns(0, tokens);
}

template <class T>
ConstMatrixViewT<T> KvCacheT<T>::values(std::size_t block, std::size_t tokens) const {
  return values_.at(block).view().columns(0, tokens);
}

template <class T>
void KvCacheT<T>::write(std::size_t block, std::size_t past, ConstMatrixViewT<T> keys,
                        ConstMatrixViewT<T> values) {
  copy_columns(keys, keys_.at(block), past);
  copy_columns(values, values_.at(block), past);
}

template <class T>
void KvCacheT<T>::commit(std::size_t tokens) {
  HIPPOCRYPT_CHECK(tokens <= capacity_);
  tokens_ = tokens;
}

template class KvCacheT<float>;
template class KvCacheT<double>;
template class KvCacheT<std::complex<double>>;

}  // namespace hippocrypt::model
