#include "crypto/lwe/server/lwe_product.hpp"

#include <omp.h>

#include <algorithm>
#include <cstring>

#include "base/gemm.hpp"
#include "crypto/lwe/core/lwe_matrix.hpp"
#include "crypto/lwe/core/lwe_params.hpp"

namespace hippocrypt::crypto {
namespace {

// One task is one token and a panel of outputs; a block of A is expanded and converted once a task.
constexpr std::size_t panel_outputs = 1024;
constexpr std::size_t block_outputs = 128;
constexpr std::size_t block_inputs = 1024;
/// Inputs whose products of 32-bit words with int8 weights, added to a remainder, stay exact in a
/// double: -2^14·128·(2^32 - 1) > -2^53 and 2^14·127·(2^32 - 1) + 2^32 < 2^53.
constexpr std::size_t exact_inputs = std::size_t{1} << 14;
static_assert(exact_inputs % block_inputs == 0);

struct Job {
  Int8MatrixView weights;
  ByteView body;
  std::size_t tokens;
  std::uint8_t* answer;
};

/// Buffers of one thread, made before the parallel region so that nothing throws inside.
struct Workspace {
  LweMatrix matrix;
  std::vector<std::uint32_t> words;
  std::vector<double> weights, ciphertexts, sums;
};

Workspace make_workspace(const Job& job, std::size_t height) {
  LweSeed seed{};
  std::copy_n(job.body.begin(), seed.size(), seed.begin());
  const std::size_t inputs = std::min(block_inputs, job.weights.in);
  return {.matrix = LweMatrix{seed, job.weights.in},
          .words = std::vector<std::uint32_t>(inputs * lwe_dimension),
          .weights = std::vector<double>(std::min(block_outputs, height) * inputs),
          .ciphertexts = std::vector<double>(inputs * lwe_answer_words),
          .sums = std::vector<double>(height * lwe_answer_words)};
}

/// space.ciphertexts = rows [first, first + inputs) of (A_t | b_t).
void widen_ciphertexts(const Job& job, std::size_t token, std::size_t first, std::size_t inputs,
                       Workspace& space) {
  space.matrix.rows(token, first, {space.words.data(), inputs * lwe_dimension});
  for (std::size_t j = 0; j < inputs; ++j) {
    const std::uint32_t* const from = space.words.data() + j * lwe_dimension;
    double* const to = space.ciphertexts.data() + j * lwe_answer_words;
    for (std::size_t k = 0; k < lwe_dimension; ++k) to[k] = from[k];
    const std::size_t at = (first + j) * job.tokens + token;
    std::uint32_t b = 0;
    std::memcpy(&b, job.body.data() + lwe_seed_bytes + at * sizeof b, sizeof b);
    to[lwe_dimension] = b;
  }
}

void widen_weights(Int8MatrixView weights, std::size_t first_row, std::size_t rows,
                   std::size_t first_input, std::size_t inputs, double* to) {
  for (std::size_t i = 0; i < rows; ++i) {
    const std::int8_t* const from =
        weights.values.data() + (first_row + i) * weights.in + first_input;
    for (std::size_t j = 0; j < inputs; ++j) to[i * inputs + j] = from[j];
  }
}

/// An integer of magnitude up to 2^53 mod 2^32.
std::uint32_t low_word(double value) {
  return static_cast<std::uint32_t>(static_cast<std::int64_t>(value));
}

void multiply_panel(const Job& job, std::size_t token, std::size_t first_output,
                    std::size_t outputs, Workspace& space) {
  const std::size_t in = job.weights.in, width = lwe_answer_words;
  for (std::size_t j = 0; j < in; j += block_inputs) {
    const std::size_t inputs = std::min(block_inputs, in - j);
    widen_ciphertexts(job, token, j, inputs, space);
    for (std::size_t i = 0; i < outputs; i += block_outputs) {
      const std::size_t rows = std::min(block_outputs, outputs - i);
      widen_weights(job.weights, first_output + i, rows, j, inputs, space.weights.data());
      gemm<double>(Transpose::no, {space.weights.data(), rows, inputs}, Transpose::no,
                   {space.ciphertexts.data(), inputs, width},
                   {space.sums.data() + i * width, rows, width, width}, j != 0);
    }
    if ((j + inputs) % exact_inputs == 0) {
      for (std::size_t i = 0; i < outputs * width; ++i) space.sums[i] = low_word(space.sums[i]);
    }
  }
  const std::size_t first_word = (token * job.weights.out + first_output) * width;
  std::uint8_t* to = job.answer + first_word * sizeof(std::uint32_t);
  for (std::size_t i = 0; i < outputs * width; ++i, to += sizeof(std::uint32_t)) {
    const std::uint32_t word = low_word(space.sums[i]);
    std::memcpy(to, &word, sizeof word);
  }
}

void multiply_all(const Job& job, std::size_t threads) {
  const std::size_t out = job.weights.out;
  // Few tokens give few tasks: then the outputs are split further, so that every thread has work.
  const std::size_t share = (out + threads - 1) / threads;
  const std::size_t height = std::min({panel_outputs, out, std::max(block_outputs, share)});
  const std::size_t panels = (out + height - 1) / height;
  const std::size_t workers = std::min(threads, panels * job.tokens);
  std::vector<Workspace> spaces;
  for (std::size_t w = 0; w < workers; ++w) spaces.push_back(make_workspace(job, height));
  const auto task_count = static_cast<std::int64_t>(panels * job.tokens);
#pragma omp parallel for schedule(dynamic) num_threads(static_cast <int>(workers))
  for (std::int64_t task = 0; task < task_count; ++task) {
    const std::size_t token = static_cast<std::size_t>(task) / panels;
    const std::size_t first = static_cast<std::size_t>(task) % panels * height;
    multiply_panel(job, token, first, std::min(height, out - first),
                   spaces[static_cast<std::size_t>(omp_get_thread_num())]);
  }
}

}  // namespace

Result<LweWeights> LweWeights::create(Int8MatrixView weights) {
  HIPPOCRYPT_CHECK(weights.values.size() == weights.out * weights.in);
  if (weights.out == 0 || weights.in == 0 || weights.out > lwe_max_outputs ||
      weights.in > lwe_max_inputs) {
    return Error{Errc::out_of_range, "a weight matrix of " + std::to_string(weights.out) +
                                         " outputs and " + std::to_string(weights.in) +
                                         " inputs: both must be 1 to " +
                                         std::to_string(lwe_max_inputs)};
  }
  LweWeights packed;
  packed.values_.assign(weights.values.begin(), weights.values.end());
  packed.out_ = weights.out;
  packed.in_ = weights.in;
  return packed;
}

Result<Bytes> LweWeights::multiply(ByteView body, std::size_t tokens, int threads) const {
  const std::size_t most_tokens = lwe_max_answer_bytes / lwe_answer_bytes(out_, 1);
  if (tokens > most_tokens) {
    return Error{Errc::limit_exceeded, "the answer to " + std::to_string(tokens) + " tokens of " +
                                           std::to_string(out_) +
                                           " outputs would take more than 1 GiB: send at most " +
                                           std::to_string(most_tokens) + " tokens at a time"};
  }
  if (body.size() != lwe_body_bytes(in_, tokens)) {
    return Error{Errc::malformed, "a ciphertext of " + std::to_string(body.size()) +
                                      " bytes does not hold " + std::to_string(tokens) +
                                      " tokens of " + std::to_string(in_) + " features"};
  }
  Bytes answer(lwe_answer_bytes(out_, tokens));
  if (tokens == 0) return answer;
  multiply_all({{values_, out_, in_}, body, tokens, answer.data()},
               static_cast<std::size_t>(std::max(threads, 1)));
  return answer;
}

}  // namespace hippocrypt::crypto
