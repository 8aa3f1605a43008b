#pragma once
// The public part of the ciphertexts of one tile: for every token t a uniform matrix A_t of
// (inputs, n) words, expanded from the tile's seed on both sides, so that only b travels.

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "crypto/lwe/core/lwe_params.hpp"

namespace hippocrypt::crypto {

/// Public, but never used twice with one secret: two values under one (A, s) give their difference
/// away.
using LweSeed = std::array<std::uint8_t, lwe_seed_bytes>;

/// AES-256 in counter mode under SHA-256("hippocrypt lwe matrix v1", seed), as FrodoKEM expands its
/// matrix: row j of A_t is the stream's blocks (t·inputs + j)·256 and following, read as
/// little-endian words. Not thread-safe: one object a thread.
class LweMatrix {
 public:
  LweMatrix(const LweSeed& seed, std::size_t inputs);
  ~LweMatrix();
  LweMatrix(LweMatrix&&) noexcept;
  LweMatrix& operator=(LweMatrix&&) noexcept;

  /// Rows [first, first + words.size()/n) of A_t; words.size() is a multiple of n, and the rows
  /// lie within the inputs.
  void rows(std::size_t token, std::size_t first, std::span<std::uint32_t> words);

 private:
  struct Cipher;
  std::unique_ptr<Cipher> cipher_;
  std::size_t inputs_;
};

}  // namespace hippocrypt::crypto
