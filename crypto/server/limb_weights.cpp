#include "crypto/server/limb_weights.hpp"

#include "crypto/server/limb_product.hpp"

namespace hippocrypt::crypto {
namespace {

/// [row block][input / weight_inputs][tile_rows][weight_inputs].
void pack_rows(Int8MatrixView weights, LimbMatrix& matrix) {
  const std::size_t rows = matrix.kernel->tile_rows, group = matrix.kernel->weight_inputs;
  auto* const to = reinterpret_cast<std::int8_t*>(matrix.lines.data());
  for (std::size_t i = 0; i < weights.out; ++i) {
    const std::int8_t* const from = weights.values.data() + i * weights.in;
    std::int8_t* const row = to + (i / rows * matrix.padded_in() * rows + i % rows * group);
    for (std::size_t j = 0; j < weights.in; ++j)
      row[j / group * rows * group + j % group] = from[j];
  }
}

class LimbWeights final : public PackedWeights {
 public:
  LimbWeights(const LimbKernel& kernel, Int8MatrixView weights)
      : matrix_{&kernel, weights.out, weights.in, {}} {
    const std::size_t bytes = matrix_.row_blocks() * kernel.tile_rows * matrix_.padded_in();
    matrix_.lines.resize((bytes + sizeof(Line) - 1) / sizeof(Line));
    pack_rows(weights, matrix_);
  }

  std::size_t out() const override { return matrix_.out; }
  std::size_t in() const override { return matrix_.in; }
  const char* kernel_name() const override { return matrix_.kernel->name; }
  std::size_t memory_bytes() const override { return matrix_.lines.size() * sizeof(Line); }

 private:
  void run(std::span<const ProductInput> inputs, WireFormat format, std::size_t threads,
           std::span<const WritableBytes> answers) const override {
    multiply_limbs(matrix_, inputs, format, threads, answers);
  }

  LimbMatrix matrix_;
};

}  // namespace

std::unique_ptr<PackedWeights> pack_limb_weights(const LimbKernel& kernel, Int8MatrixView weights) {
  return std::make_unique<LimbWeights>(kernel, weights);
}

}  // namespace hippocrypt::crypto
