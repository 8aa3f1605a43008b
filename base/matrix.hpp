#pragma once
// Dense row-major matrices and views. Activations are feature-major: (features, tokens).

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include "base/check.hpp"

namespace hippocrypt {

/// A read-only window on row-major values; `stride` values from one row to the next.
template <class T>
class ConstMatrixViewT {
 public:
  ConstMatrixViewT(const T* data, std::size_t rows, std::size_t cols, std::size_t stride)
      : data_{data}, rows_{rows}, cols_{cols}, stride_{stride} {
    HIPPOCRYPT_CHECK(stride >= cols);
  }
  ConstMatrixViewT(const T* data, std::size_t rows, std::size_t cols)
      : ConstMatrixViewT{data, rows, cols, cols} {}

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  std::size_t stride() const { return stride_; }
  const T* data() const { return data_; }
  std::span<const T> row(std::size_t r) const { return {data_ + r * stride_, cols_}; }
  const T& operator()(std::size_t r, std::size_t c) const { return data_[r * stride_ + c]; }
  /// Columns [begin, begin + count).
  ConstMatrixViewT columns(std::size_t begin, std::size_t count) const {
    HIPPOCRYPT_CHECK(begin + count <= cols_);
    return {data_ + begin, rows_, count, stride_};
  }
  /// Rows [begin, begin + count).
  ConstMatrixViewT row_block(std::size_t begin, std::size_t count) const {
    HIPPOCRYPT_CHECK(begin + count <= rows_);
    return {data_ + begin * stride_, count, cols_, stride_};
  }

 private:
  const T* data_;
  std::size_t rows_, cols_, stride_;
};

/// A writable window on row-major values.
template <class T>
class MatrixViewT {
 public:
  MatrixViewT(T* data, std::size_t rows, std::size_t cols, std::size_t stride)
      : data_{data}, rows_{rows}, cols_{cols}, stride_{stride} {
    HIPPOCRYPT_CHECK(stride >= cols);
  }
  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  std::size_t stride() const { return stride_; }
  T* data() const { return data_; }
  std::span<T> row(std::size_t r) const { return {data_ + r * stride_, cols_}; }
  T& operator()(std::size_t r, std::size_t c) const { return data_[r * stride_ + c]; }
  MatrixViewT columns(std::size_t begin, std::size_t count) const {
    HIPPOCRYPT_CHECK(begin + count <= cols_);
    return {data_ + begin, rows_, count, stride_};
  }
  MatrixViewT row_block(std::size_t begin, std::size_t count) const {
    HIPPOCRYPT_CHECK(begin + count <= rows_);
    return {data_ + begin * stride_, count, cols_, stride_};
  }
  operator ConstMatrixViewT<T>() const { return {data_, rows_, cols_, stride_}; }  // NOLINT

 private:
  T* data_;
  std::size_t rows_, cols_, stride_;
};

namespace detail {
/// Leaves new values as they are in memory when a vector is resized without one.
template <class T>
struct UninitialisedAllocator : std::allocator<T> {
  template <class U>
  struct rebind {
    using other = UninitialisedAllocator<U>;
  };
  template <class U>
  void construct(U* place) noexcept {
    ::new (static_cast<void*>(place)) U;
  }
  template <class U, class... Args>
  void construct(U* place, Args&&... args) {
    ::new (static_cast<void*>(place)) U(std::forward<Args>(args)...);
  }
};
}  // namespace detail

/// Owns its values; zero-initialised unless made for_overwrite().
template <class T>
class MatrixT {
 public:
  MatrixT() = default;
  MatrixT(std::size_t rows, std::size_t cols)
      : values_(rows * cols, T{}), rows_{rows}, cols_{cols} {}
  /// Values are whatever was in memory: every one must be written before it is read. Large matrices
  /// save a pass through memory.
  static MatrixT for_overwrite(std::size_t rows, std::size_t cols) {
    MatrixT made;
    made.values_.resize(rows * cols);
    made.rows_ = rows;
    made.cols_ = cols;
    return made;
  }

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  std::size_t size() const { return values_.size(); }
  T* data() { return values_.data(); }
  const T* data() const { return values_.data(); }
  std::span<T> values() { return values_; }
  std::span<const T> values() const { return values_; }
  std::span<T> row(std::size_t r) { return {values_.data() + r * cols_, cols_}; }
  std::span<const T> row(std::size_t r) const { return {values_.data() + r * cols_, cols_}; }
  T& operator()(std::size_t r, std::size_t c) { return values_[r * cols_ + c]; }
  const T& operator()(std::size_t r, std::size_t c) const { return values_[r * cols_ + c]; }
  MatrixViewT<T> view() { return {values_.data(), rows_, cols_, cols_}; }
  ConstMatrixViewT<T> view() const { return {values_.data(), rows_, cols_, cols_}; }
  operator ConstMatrixViewT<T>() const { return view(); }  // NOLINT(google-explicit-constructor)

 private:
  std::vector<T, detail::UninitialisedAllocator<T>> values_;
  std::size_t rows_ = 0, cols_ = 0;
};

using Matrix = MatrixT<float>;
using MatrixView = MatrixViewT<float>;
using ConstMatrixView = ConstMatrixViewT<float>;

}  // namespace hippocrypt
