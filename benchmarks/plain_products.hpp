#pragma once
// The plaintext products that ours is compared with: Y = W·X for (out, in)·(in, tokens), on random
// values, by libraries that people use.

#include <cstddef>
#include <functional>
#include <string>

namespace hippocrypt::bench {

struct Shape {
  std::size_t out, in, tokens;
  double multiplications() const {
    return static_cast<double>(out) * static_cast<double>(in) * static_cast<double>(tokens);
  }
};

/// One product a call; owns its matrices. `run` is empty when this build or machine has none, and
/// `missing` says why.
struct PlainProduct {
  std::string name;
  std::function<void()> run = {};
  std::string missing = {};
};

/// fp32, row-major.
PlainProduct openblas_sgemm(Shape shape, int threads);
/// fp32 by Eigen, as base/gemm.hpp compiles it for the best instruction set; tokens are split over
/// threads.
PlainProduct eigen_sgemm(Shape shape, int threads);
/// Unsigned 8-bit activations by signed 8-bit weights to 32-bit sums, and bf16 to fp32, as an
/// inference engine would run them: weights reordered ahead into the layout that oneDNN asks for,
/// activations as rows of tokens.
PlainProduct onednn_u8s8s32(Shape shape, int threads);
PlainProduct onednn_bf16(Shape shape, int threads);

}  // namespace hippocrypt::bench
