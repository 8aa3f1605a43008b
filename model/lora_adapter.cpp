#include "model/lora_adapter.hpp"

#include <algorithm>
#include <cmath>

#include "base/gemm.hpp"
#include "base/random.hpp"
#include "model/numeric.hpp"

namespace hippocrypt::model {
namespace {

/// Removes from `row` its components along the orthonormal rows before it, twice: one pass of
/// Gram-Schmidt leaves an error that grows with the cancellation, the second removes it (Giraud et
/// al. 2005).
void orthogonalise(const MatrixT<double>& a, std::size_t r, std::span<double> row) {
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t before = 0; before < r; ++before) {
      const auto other = a.row(before);
      double inner = 0.0;
      for (std::size_t c = 0; c < row.size(); ++c) inner += row[c] * other[c];
      for (std::size_t c = 0; c < row.size(); ++c) row[c] -= inner * other[c];
    }
  }
}

/// Orthonormal rows with a rotation-invariant distribution.
void draw_orthonormal(SeededSequence& random, Matrix& out) {
  MatrixT<double> a{out.rows(), out.cols()};
  for (std::size_t r = 0; r < a.rows(); ++r) {
    double norm = 0.0;
    do {  // a redraw is needed only where the draw is almost in the span of the rows before it
      for (double& value : a.row(r)) value = random.normal();
      orthogonalise(a, r, a.row(r));
      norm = 0.0;
      for (const double value : a.row(r)) norm += value * value;
      norm = std::sqrt(norm);
    } while (norm < 1e-6);
    for (double& value : a.row(r)) value /= norm;
  }
  std::transform(a.values().begin(), a.values().end(), out.values().begin(),
                 [](double value) { return static_cast<float>(value); });
}

void draw_uniform(SeededSequence& random, Matrix& out) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(out.cols()));
  for (float& value : out.values()) {
    value = static_cast<float>(bound * (2.0 * random.uniform() - 1.0));
  }
}

/// Orthonormal columns.
void draw_basis(SeededSequence& random, Matrix& out) {
  Matrix rows{out.cols(), out.rows()};
  draw_orthonormal(random, rows);
  for (std::size_t r = 0; r < out.rows(); ++r) {
    for (std::size_t c = 0; c < out.cols(); ++c) out(r, c) = rows(c, r);
  }
}

/// B = basis·core.
template <class T>
void follow_core(typename LoraAdapterT<T>::Factors& factors) {
  gemm<T>(Transpose::no, factors.basis, Transpose::no, factors.core, factors.b.view());
}

/// Calls body(matrix) for every trained matrix in flat order.
template <class Adapter, class Body>
void for_each_trained(Adapter& adapter, Trainable trainable, const Body& body) {
  for (std::size_t block = 0; block < adapter.blocks(); ++block) {
    for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
      auto& factors = adapter.at(block, i);
      if (trains_a(trainable)) body(factors.a);
      if (trains_b(trainable)) body(factors.b);
      if (trains_core(trainable)) body(factors.core);
    }
  }
}

}  // namespace

template <class T>
LoraAdapterT<T>::LoraAdapterT(const ModelConfig& model, const LoraConfig& lora) : config_{lora} {
  for (const LoraTarget target : lora.targets()) {
    shapes_.push_back(lora_target_shape(model, target));
  }
  std::vector<Factors> block;
  for (const LoraTargetShape& shape : shapes_) {
    block.push_back({MatrixT<T>{lora.rank(), shape.in}, MatrixT<T>{shape.out, lora.rank()}});
  }
  factors_.assign(model->blocks, block);
}

LoraAdapter initial_adapter(const ModelConfig& model, const LoraConfig& lora, LoraInit init,
                            std::uint64_t seed) {
  LoraAdapter adapter{model, lora};
  SeededSequence random{seed, "lora initial A"};
  for (std::size_t block = 0; block < adapter.blocks(); ++block) {
    for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
      switch (init) {
        case LoraInit::orthonormal:
        case LoraInit::orthonormal_core:
          draw_orthonormal(random, adapter.at(block, i).a);
          break;
        case LoraInit::kaiming_uniform:
          draw_uniform(random, adapter.at(block, i).a);
          break;
      }
    }
  }
  if (init != LoraInit::orthonormal_core) return adapter;
  SeededSequence basis{seed, "lora basis"};
  for (std::size_t block = 0; block < adapter.blocks(); ++block) {
    for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
      auto& factors = adapter.at(block, i);
      HIPPOCRYPT_CHECK(lora.rank() <= factors.b.rows());
      factors.basis = Matrix{factors.b.rows(), lora.rank()};
      factors.core = Matrix{lora.rank(), lora.rank()};
      draw_basis(basis, factors.basis);
    }
  }
  return adapter;
}

template <class T>
LoraAdapterT<T> convert_adapter(const ModelConfig& model, const LoraAdapter& adapter) {
  LoraAdapterT<T> out{model, adapter.config()};
  const auto convert = [](const Matrix& from, MatrixT<T>& to) {
    to = MatrixT<T>{from.rows(), from.cols()};
    std::transform(from.values().begin(), from.values().end(), to.values().begin(),
                   [](float value) { return from_float<T>(value); });
  };
  for (std::size_t block = 0; block < adapter.blocks(); ++block) {
    for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
      convert(adapter.at(block, i).a, out.at(block, i).a);
      convert(adapter.at(block, i).b, out.at(block, i).b);
      convert(adapter.at(block, i).basis, out.at(block, i).basis);
      convert(adapter.at(block, i).core, out.at(block, i).core);
    }
  }
  return out;
}

std::size_t trainable_count(const ModelConfig& model, const LoraConfig& lora, Trainable trainable) {
  std::size_t of_block = 0;
  for (const LoraTarget target : lora.targets()) {
    const LoraTargetShape shape = lora_target_shape(model, target);
    of_block += lora.rank() *
                ((trains_b(trainable) ? shape.out : 0) + (trains_a(trainable) ? shape.in : 0) +
                 (trains_core(trainable) ? lora.rank() : 0));
  }
  return model->blocks * of_block;
}

template <class T>
void gather(const LoraAdapterT<T>& adapter, Trainable trainable, std::span<T> flat) {
  std::size_t at = 0;
  for_each_trained(adapter, trainable, [&](const MatrixT<T>& matrix) {
    HIPPOCRYPT_CHECK(at + matrix.size() <= flat.size());
    std::copy(matrix.values().begin(), matrix.values().end(), flat.subspan(at).begin());
    at += matrix.size();
  });
  HIPPOCRYPT_CHECK(at == flat.size());
}

template <class T>
void scatter(std::span<const T> flat, Trainable trainable, LoraAdapterT<T>& adapter) {
  std::size_t at = 0;
  for_each_trained(adapter, trainable, [&](MatrixT<T>& matrix) {
    HIPPOCRYPT_CHECK(at + matrix.size() <= flat.size());
    std::copy_n(flat.subspan(at).begin(), matrix.size(), matrix.values().begin());
    at += matrix.size();
  });
  HIPPOCRYPT_CHECK(at == flat.size());
  if (!trains_core(trainable)) return;
  for (std::size_t block = 0; block < adapter.blocks(); ++block) {
    for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
      follow_core<T>(adapter.at(block, i));
    }
  }
}

#define HIPPOCRYPT_INSTANTIATE(T)                                                      \
  template class LoraAdapterT<T>;                                                      \
  template LoraAdapterT<T> convert_adapter<T>(const ModelConfig&, const LoraAdapter&); \
  template void gather<T>(const LoraAdapterT<T>&, Trainable, std::span<T>);            \
  template void scatter<T>(std::span<const T>, Trainable, LoraAdapterT<T>&);
HIPPOCRYPT_INSTANTIATE(float)
HIPPOCRYPT_INSTANTIATE(double)
HIPPOCRYPT_INSTANTIATE(std::complex<double>)
#undef HIPPOCRYPT_INSTANTIATE

}  // namespace hippocrypt::model
