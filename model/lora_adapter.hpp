#pragma once
// Values of a LoRA adapter, y = W·x + (alpha/rank)·B·(A·x), and its flat form, the one that
// clipping, noise, optimizers and updates work on.

#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/matrix.hpp"
#include "model/lora_config.hpp"

namespace hippocrypt::model {

/// Which factors are trained: B alone (FFA-LoRA, Sun et al. 2024: A stays frozen), A and B, A
/// alone (every second round of RoLoRA, Chen et al. 2024, arXiv:2409.02346), or the core R of
/// W + s·(P·R)·A with P and A frozen (Fed-SB, Singhal et al. 2025, arXiv:2502.15436).
enum class Trainable : std::uint8_t { b_only, both, a_only, core };
constexpr bool trains_a(Trainable trainable) {
  return trainable == Trainable::both || trainable == Trainable::a_only;
}
constexpr bool trains_b(Trainable trainable) {
  return trainable == Trainable::both || trainable == Trainable::b_only;
}
constexpr bool trains_core(Trainable trainable) { return trainable == Trainable::core; }

/// How A starts; B always starts at zero, so that a new adapter changes nothing.
enum class LoraInit : std::uint8_t {
  orthonormal,      ///< orthonormal rows, the default of FFA-LoRA
  kaiming_uniform,  ///< uniform in ±1/sqrt(in), the default of PEFT
  orthonormal_core  ///< the same A, a basis with orthonormal columns, and a core of zeros between
};

template <class T>
class LoraAdapterT {
 public:
  struct Factors {
    MatrixT<T> a;  ///< (rank, in)
    MatrixT<T> b;  ///< (out, rank)
    /// Fed-SB's, both empty in other adapters: B = basis·core, whoever sets the core.
    MatrixT<T> basis = {};  ///< P (out, rank), frozen
    MatrixT<T> core = {};   ///< R (rank, rank)
  };

  /// All zero.
  LoraAdapterT(const ModelConfig& model, const LoraConfig& lora);

  const LoraConfig& config() const { return config_; }
  std::size_t blocks() const { return factors_.size(); }
  /// Where each adapted matrix sits, in enum order; the second index of at().
  const std::vector<LoraTargetShape>& shapes() const { return shapes_; }
  const Factors& at(std::size_t block, std::size_t index) const {
    return factors_.at(block).at(index);
  }
  Factors& at(std::size_t block, std::size_t index) { return factors_.at(block).at(index); }
  T scale() const { return static_cast<T>(config_.scale()); }

 private:
  LoraConfig config_;
  std::vector<LoraTargetShape> shapes_;
  std::vector<std::vector<Factors>> factors_;
};
using LoraAdapter = LoraAdapterT<float>;

extern template class LoraAdapterT<float>;
extern template class LoraAdapterT<double>;
extern template class LoraAdapterT<std::complex<double>>;

/// A and the basis drawn from the seed (not secret: every hospital draws the same ones), B = 0. A
/// basis needs a rank of at most every target's outputs, which the caller has checked.
LoraAdapter initial_adapter(const ModelConfig& model, const LoraConfig& lora, LoraInit init,
                            std::uint64_t seed);

/// The same values in another type.
template <class T>
LoraAdapterT<T> convert_adapter(const ModelConfig& model, const LoraAdapter& adapter);

/// Length of the flat form: for block, for target in enum order: [A row-major, if trained], then [B
/// row-major, if trained]; or the core, row-major.
std::size_t trainable_count(const ModelConfig& model, const LoraConfig& lora, Trainable trainable);
/// adapter → flat; flat must have trainable_count values.
template <class T>
void gather(const LoraAdapterT<T>& adapter, Trainable trainable, std::span<T> flat);
/// flat → adapter; what is not trained keeps its value, but B follows its core.
template <class T>
void scatter(std::span<const T> flat, Trainable trainable, LoraAdapterT<T>& adapter);

}  // namespace hippocrypt::model
