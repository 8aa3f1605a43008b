#pragma once
// Negacyclic number-theoretic transforms over Z_q[X]/(X^N + 1), and the roots that the lane kernels
// use. Source: Longa and Naehrig 2016, "Speeding up the number theoretic transform for faster ideal
// lattice-based cryptography", algorithms 1 and 2, with Harvey's lazy butterflies.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hippocrypt::crypto {

/// Roots of one ring dimension. The root ψ is x^((q-1)/2N) for the smallest x ≥ 2 that gives order
/// 2N; it fixes the NTT form, which files of hints contain. "NTT form" is always in bit-reversed
/// order.
class NttTables {
 public:
  /// N a power of two, 8 ≤ N ≤ 2048.
  explicit NttTables(std::size_t ring_dim);
  /// Tables that live as long as the process, built at the first use; thread-safe.
  /// N is 256, 512, 1024 or 2048.
  static const NttTables& of(std::size_t ring_dim);

  std::size_t ring_dim() const { return ring_dim_; }
  /// Coefficients in [0, q) to NTT form in [0, q), in place.
  void forward(std::span<std::uint32_t> poly) const;
  /// The inverse of forward, with the factor 1/N.
  void inverse(std::span<std::uint32_t> poly) const;

  /// ψ^-brv(i), i < N, and their Shoup quotients.
  const std::uint32_t* inverse_roots() const { return inverse_roots_.data(); }
  const std::uint32_t* inverse_root_quotients() const { return inverse_quotients_.data(); }
  /// 1/N mod q.
  std::uint32_t inverse_ring_dim() const { return inverse_ring_dim_; }

 private:
  std::size_t ring_dim_;
  std::uint32_t inverse_ring_dim_;
  std::vector<std::uint32_t> roots_, quotients_, inverse_roots_, inverse_quotients_;
};

}  // namespace hippocrypt::crypto
