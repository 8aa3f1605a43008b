#include "model/lora_merge.hpp"

#include <algorithm>
#include <vector>

namespace hippocrypt::model {
namespace {

/// rows += scale·B·A; rows (out, in), A (rank, in), B (out, rank).
void add_product(double scale, const LoraAdapter::Factors& factors, MatrixView rows) {
  std::vector<double> update(rows.cols());
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    std::fill(update.begin(), update.end(), 0.0);
    for (std::size_t k = 0; k < factors.a.rows(); ++k) {
      const double factor = scale * static_cast<double>(factors.b(r, k));
      const auto a = factors.a.row(k);
      for (std::size_t c = 0; c < a.size(); ++c) update[c] += factor * static_cast<double>(a[c]);
    }
    const auto row = rows.row(r);
    for (std::size_t c = 0; c < row.size(); ++c) {
      row[c] = static_cast<float>(static_cast<double>(row[c]) + update[c]);
    }
  }
}

}  // namespace

void merge_adapter(const LoraAdapter& adapter, BaseWeights& base) {
  HIPPOCRYPT_CHECK(adapter.blocks() == base.blocks.size());
  for (std::size_t block = 0; block < adapter.blocks(); ++block) {
    for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
      const LoraTargetShape& shape = adapter.shapes()[i];
      Matrix& stacked = base.at({static_cast<std::uint32_t>(block), shape.group});
      HIPPOCRYPT_CHECK(stacked.cols() == shape.in);
      add_product(adapter.config().scale(), adapter.at(block, i),
                  stacked.view().row_block(shape.row_begin, shape.out));
    }
  }
}

}  // namespace hippocrypt::model
