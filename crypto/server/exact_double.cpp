#include "crypto/server/exact_double.hpp"

#include <omp.h>

#include <algorithm>

#include "base/gemm_kernels.hpp"
#include "crypto/server/columns.hpp"

namespace hippocrypt::crypto {
namespace {

// One task is a panel of outputs by a panel of tokens. A body panel is converted once for all
// weight blocks of the task, and a weight block once for all its tokens, so that conversions cost a
// few per cent of the product.
constexpr std::size_t panel_tokens = 192;
constexpr std::size_t panel_outputs = 2048;
constexpr std::size_t block_outputs = 512;
constexpr std::size_t block_inputs = 256;

using Gemm = void (*)(const gemm_kernels::Operands<double>&);

Gemm gemm_of(SimdLevel level) {
  switch (level) {
    case SimdLevel::avx512:
      return gemm_kernels::avx512_f64;
    case SimdLevel::avx2:
      return gemm_kernels::avx2_f64;
    case SimdLevel::portable:
      break;
  }
  return gemm_kernels::portable_f64;
}

/// Buffers of one thread, made before the parallel region so that nothing throws inside.
struct Workspace {
  std::vector<double> weights, body, sums;
  std::vector<std::uint32_t> row = std::vector<std::uint32_t>(panel_tokens);
};

/// Outputs by the columns of one tile.
struct Panel {
  std::size_t first_output, outputs, columns;
  std::span<const ColumnRun> runs;
};

struct Job {
  Int8MatrixView weights;
  std::span<const ProductInput> inputs;
  WireFormat format;
  std::span<const WritableBytes> answers;
  Gemm gemm;
};

void widen_run(const Job& job, const ColumnRun& run, std::size_t input, std::uint32_t* row,
               double* to) {
  const unsigned bits = job.format.upload_bits;
  const ProductInput& from = job.inputs[run.input];
  unpack_row(
      bits,
      from.body.data() + input * row_bytes(bits, from.tokens) + row_bytes(bits, run.first_token),
      run.count, row);
  const auto unit = static_cast<double>(1U << (24 - bits));
  for (std::size_t t = 0; t < run.count; ++t) to[t] = unit * static_cast<std::int32_t>(row[t]);
}

void widen_body(const Job& job, const Panel& panel, std::size_t first_input, std::size_t inputs,
                Workspace& space) {
  for (std::size_t j = 0; j < inputs; ++j) {
    double* const to = space.body.data() + j * panel.columns;
    for (const ColumnRun& run : panel.runs) {
      widen_run(job, run, first_input + j, space.row.data(), to + run.first_column);
    }
  }
}

/// Sums mod 2^24, rounded to the top download_bits: sums are integers, |sum| < 2^53.
void write_run(const Job& job, const ColumnRun& run, std::size_t output, const double* sums,
               std::uint32_t* row) {
  const unsigned bits = job.format.download_bits, shift = 24 - bits;
  for (std::size_t t = 0; t < run.count; ++t) {
    const auto low = static_cast<std::uint32_t>(static_cast<std::int64_t>(sums[t])) & 0xFFFFFF;
    row[t] = (low + (1U << (shift - 1))) >> shift;
  }
  pack_row(bits, row, run.count,
           job.answers[run.input].data() + output * row_bytes(bits, job.inputs[run.input].tokens) +
               row_bytes(bits, run.first_token));
}

void write_answer(const Job& job, const Panel& panel, Workspace& space) {
  for (std::size_t i = 0; i < panel.outputs; ++i) {
    const double* const sums = space.sums.data() + i * panel.columns;
    for (const ColumnRun& run : panel.runs) {
      write_run(job, run, panel.first_output + i, sums + run.first_column, space.row.data());
    }
  }
}

void multiply_panel(const Job& job, const Panel& panel, Workspace& space) {
  const std::size_t in = job.weights.in, columns = panel.columns;
  for (std::size_t j = 0; j < in; j += block_inputs) {
    const std::size_t inputs = std::min(block_inputs, in - j);
    widen_body(job, panel, j, inputs, space);
    for (std::size_t i = 0; i < panel.outputs; i += block_outputs) {
      const std::size_t outputs = std::min(block_outputs, panel.outputs - i);
      widen_weights(job.weights, panel.first_output + i, outputs, j, inputs, space.weights.data());
      job.gemm({space.weights.data(), inputs, false, space.body.data(), columns, false,
                space.sums.data() + i * columns, columns, outputs, columns, inputs, j != 0});
    }
  }
  write_answer(job, panel, space);
}

void multiply_all(const Job& job, std::size_t threads) {
  const std::size_t out = job.weights.out;
  const ColumnTiles tiles{job.inputs, panel_tokens};
  // Few tokens give few panels: then the outputs are split further, so that every thread has work.
  const std::size_t share = (out + threads - 1) / threads;
  const std::size_t height = std::min(panel_outputs, std::max(block_outputs, share));
  const std::size_t rows = (out + height - 1) / height;
  std::size_t width = 0;
  for (std::size_t t = 0; t < tiles.count(); ++t) width = std::max(width, tiles.columns(t));
  const std::size_t workers = std::min(threads, rows * tiles.count());
  std::vector<Workspace> spaces(workers);
  for (Workspace& space : spaces) {
    const std::size_t inputs = std::min(block_inputs, job.weights.in);
    space.weights.resize(std::min(block_outputs, height) * inputs);
    space.body.resize(inputs * width);
    space.sums.resize(height * width);
  }
  const auto task_count = static_cast<std::int64_t>(rows * tiles.count());
#pragma omp parallel for schedule(dynamic) num_threads(static_cast <int>(workers))
  for (std::int64_t task = 0; task < task_count; ++task) {
    const std::size_t first = static_cast<std::size_t>(task) % rows * height;
    const std::size_t tile = static_cast<std::size_t>(task) / rows;
    const Panel panel{first, std::min(height, out - first), tiles.columns(tile), tiles.runs(tile)};
    multiply_panel(job, panel, spaces[static_cast<std::size_t>(omp_get_thread_num())]);
  }
}

class ExactDoubleWeights final : public PackedWeights {
 public:
  ExactDoubleWeights(Int8MatrixView weights, SimdLevel level)
      : values_(weights.values.begin(), weights.values.end()),
        out_{weights.out},
        in_{weights.in},
        level_{level} {}

  std::size_t out() const override { return out_; }
  std::size_t in() const override { return in_; }
  const char* kernel_name() const override { return exact_double_name(level_); }
  std::size_t memory_bytes() const override { return values_.size(); }

 private:
  void run(std::span<const ProductInput> inputs, WireFormat format, std::size_t threads,
           std::span<const WritableBytes> answers) const override {
    multiply_all({{values_, out_, in_}, inputs, format, answers, gemm_of(level_)}, threads);
  }

  std::vector<std::int8_t> values_;
  std::size_t out_, in_;
  SimdLevel level_;
};

}  // namespace

void widen_weights(Int8MatrixView weights, std::size_t first_row, std::size_t rows,
                   std::size_t first_input, std::size_t inputs, double* to) {
  for (std::size_t i = 0; i < rows; ++i) {
    const std::int8_t* const from =
        weights.values.data() + (first_row + i) * weights.in + first_input;
    for (std::size_t j = 0; j < inputs; ++j) to[i * inputs + j] = from[j];
  }
}

std::unique_ptr<PackedWeights> pack_exact_double(Int8MatrixView weights, SimdLevel level) {
  return std::make_unique<ExactDoubleWeights>(weights, level);
}

const char* exact_double_name(SimdLevel level) {
  switch (level) {
    case SimdLevel::avx512:
      return "exact double avx512";
    case SimdLevel::avx2:
      return "exact double avx2";
    case SimdLevel::portable:
      break;
  }
  return "exact double portable";
}

}  // namespace hippocrypt::crypto
