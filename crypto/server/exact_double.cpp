#include "crypto/server/exact_double.hpp"

#include <omp.h>

#include <algorithm>

#include "base/gemm.hpp"
#include "crypto/core/params.hpp"

namespace hippocrypt::crypto {
namespace {

// One task is a panel of outputs by a panel of tokens. A body panel is converted once for all
// weight blocks of the task, and a weight block once for all its tokens, so that conversions cost a
// few per cent of the product.
constexpr std::size_t panel_tokens = 256;
constexpr std::size_t panel_outputs = 1024;
constexpr std::size_t block_outputs = 128;
constexpr std::size_t block_inputs = 1024;

/// Buffers of one thread, made before the parallel region so that nothing throws inside.
struct Workspace {
  std::vector<double> weights, body, sums;
};

struct Panel {
  std::size_t first_output, outputs, first_token, tokens;
};

struct Job {
  Int8MatrixView weights;
  ByteView body;
  std::size_t tokens;
  std::uint8_t* answer;
};

void widen_body(const Job& job, const Panel& panel, std::size_t first_input, std::size_t inputs,
                double* to) {
  for (std::size_t j = 0; j < inputs; ++j) {
    const std::uint8_t* from =
        job.body.data() +
        ((first_input + j) * job.tokens + panel.first_token) * upload_bytes_per_value;
    for (std::size_t t = 0; t < panel.tokens; ++t, from += upload_bytes_per_value) {
      to[j * panel.tokens + t] = static_cast<double>(from[0] | from[1] << 8 | from[2] << 16);
    }
  }
}

/// Sums mod 2^24, rounded to the top 16 bits: sums are integers, |sum| < 2^53.
void write_answer(const Job& job, const Panel& panel, const double* sums) {
  for (std::size_t i = 0; i < panel.outputs; ++i) {
    std::uint8_t* to = job.answer + ((panel.first_output + i) * job.tokens + panel.first_token) *
                                        download_bytes_per_value;
    for (std::size_t t = 0; t < panel.tokens; ++t, to += download_bytes_per_value) {
      const auto sum = static_cast<std::int64_t>(sums[i * panel.tokens + t]);
      const auto low = static_cast<std::uint32_t>(sum) & 0xFFFFFF;
      const std::uint32_t rounded = (low + 128) >> 8;
      to[0] = static_cast<std::uint8_t>(rounded);
      to[1] = static_cast<std::uint8_t>(rounded >> 8);
    }
  }
}

void multiply_panel(const Job& job, const Panel& panel, Workspace& space) {
  const std::size_t in = job.weights.in;
  for (std::size_t j = 0; j < in; j += block_inputs) {
    const std::size_t inputs = std::min(block_inputs, in - j);
    widen_body(job, panel, j, inputs, space.body.data());
    for (std::size_t i = 0; i < panel.outputs; i += block_outputs) {
      const std::size_t outputs = std::min(block_outputs, panel.outputs - i);
      widen_weights(job.weights, panel.first_output + i, outputs, j, inputs, space.weights.data());
      gemm<double>(Transpose::no, {space.weights.data(), outputs, inputs}, Transpose::no,
                   {space.body.data(), inputs, panel.tokens},
                   {space.sums.data() + i * panel.tokens, outputs, panel.tokens, panel.tokens},
                   j != 0);
    }
  }
  write_answer(job, panel, space.sums.data());
}

void multiply_all(const Job& job, std::size_t threads) {
  const std::size_t out = job.weights.out;
  // Few tokens give few panels: then the outputs are split further, so that every thread has work.
  const std::size_t share = (out + threads - 1) / threads;
  const std::size_t height = std::min(panel_outputs, std::max(block_outputs, share));
  const std::size_t width = std::min(panel_tokens, job.tokens);
  const std::size_t rows = (out + height - 1) / height;
  const std::size_t columns = (job.tokens + width - 1) / width;
  const std::size_t workers = std::min(threads, rows * columns);
  std::vector<Workspace> spaces(workers);
  for (Workspace& space : spaces) {
    const std::size_t inputs = std::min(block_inputs, job.weights.in);
    space.weights.resize(std::min(block_outputs, height) * inputs);
    space.body.resize(inputs * width);
    space.sums.resize(height * width);
  }
  const auto task_count = static_cast<std::int64_t>(rows * columns);
#pragma omp parallel for schedule(dynamic) num_threads(static_cast <int>(workers))
  for (std::int64_t task = 0; task < task_count; ++task) {
    const std::size_t row = static_cast<std::size_t>(task) % rows;
    const std::size_t column = static_cast<std::size_t>(task) / rows;
    const Panel panel{row * height, std::min(height, out - row * height), column * width,
                      std::min(width, job.tokens - column * width)};
    multiply_panel(job, panel, spaces[static_cast<std::size_t>(omp_get_thread_num())]);
  }
}

class ExactDoubleWeights final : public PackedWeights {
 public:
  explicit ExactDoubleWeights(Int8MatrixView weights)
      : values_(weights.values.begin(), weights.values.end()), out_{weights.out}, in_{weights.in} {}

  std::size_t out() const override { return out_; }
  std::size_t in() const override { return in_; }
  const char* kernel_name() const override { return "exact double"; }

  Result<Bytes> multiply(ByteView body, std::size_t tokens, int threads) const override {
    const std::size_t token_bytes = in_ * upload_bytes_per_value;
    if (body.size() % token_bytes != 0 || body.size() / token_bytes != tokens) {
      return Error{Errc::malformed, "a ciphertext of " + std::to_string(body.size()) +
                                        " bytes does not hold " + std::to_string(tokens) +
                                        " tokens of " + std::to_string(in_) + " features"};
    }
    Bytes answer(out_ * tokens * download_bytes_per_value);
    if (tokens == 0) return answer;
    multiply_all({{values_, out_, in_}, body, tokens, answer.data()},
                 static_cast<std::size_t>(std::max(threads, 1)));
    return answer;
  }

 private:
  std::vector<std::int8_t> values_;
  std::size_t out_, in_;
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

std::unique_ptr<PackedWeights> pack_exact_double(Int8MatrixView weights) {
  return std::make_unique<ExactDoubleWeights>(weights);
}

}  // namespace hippocrypt::crypto
