#include "protocol/client/oracle_rows.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>

#include "base/parallel.hpp"

namespace hippocrypt::protocol {
namespace {

constexpr std::size_t rows_a_piece = 32;

/// Whether no value is NaN or infinite; without an exit, so that it becomes vector instructions.
bool all_finite(std::span<const float> row) {
  constexpr std::uint32_t exponent = 0x7f800000;
  std::uint32_t bad = 0;
  for (const float value : row) {
    bad |= (std::bit_cast<std::uint32_t>(value) & exponent) == exponent ? 1U : 0U;
  }
  return bad == 0;
}

Error not_finite() {
  return {Errc::not_finite,
          "an activation or gradient is infinite or not a number: the model has diverged; go back "
          "to an earlier checkpoint or lower the learning rate"};
}

}  // namespace

Status check_finite(ConstMatrixView x, std::size_t threads) {
  std::atomic<bool> finite{true};
  run_ranges(x.rows(), rows_a_piece, threads, [&](std::size_t first, std::size_t count) {
    for (std::size_t r = first; r < first + count; ++r) {
      if (!all_finite(x.row(r))) finite = false;
    }
  });
  if (!finite) return not_finite();
  return {};
}

Result<Matrix> scaled_rows(ConstMatrixView x, std::span<const float> scale, std::size_t threads) {
  HIPPOCRYPT_CHECK(scale.size() == x.rows());
  Matrix out = Matrix::for_overwrite(x.rows(), x.cols());
  std::atomic<bool> finite{true};
  run_ranges(x.rows(), rows_a_piece, threads, [&](std::size_t first, std::size_t count) {
    for (std::size_t r = first; r < first + count; ++r) {
      const float* const from = x.row(r).data();
      float* const to = out.row(r).data();
      const float factor = scale[r];
      for (std::size_t t = 0; t < x.cols(); ++t) to[t] = factor * from[t];
      if (!all_finite(out.row(r))) finite = false;
    }
  });
  if (!finite) return not_finite();
  return out;
}

ConstMatrixView padded_columns(ConstMatrixView x, std::size_t begin, std::size_t width,
                               Matrix& store) {
  const std::size_t first = std::min(begin, x.cols());
  const std::size_t real = std::min(width, x.cols() - first);
  if (real == width) return x.columns(first, width);
  store = Matrix{x.rows(), width};
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const auto from = x.row(r).subspan(first, real);
    std::copy(from.begin(), from.end(), store.row(r).begin());
  }
  return store;
}

void write_columns(const Matrix& tile, std::size_t begin, MatrixView y) {
  const std::size_t first = std::min(begin, y.cols());
  const std::size_t real = std::min(tile.cols(), y.cols() - first);
  for (std::size_t r = 0; r < y.rows(); ++r) {
    const auto from = tile.row(r).first(real);
    std::copy(from.begin(), from.end(), y.row(r).subspan(first).begin());
  }
}

}  // namespace hippocrypt::protocol
