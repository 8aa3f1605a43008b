#pragma once
// The one parameter set of the scalar scheme, "lwe1024": b = <A, s> + e + m mod 2^32 with a uniform
// ternary secret s. The lattice estimator gives 128 bits for it (MATZOV cost model), whatever the
// number of samples.

#include <cstddef>
#include <cstdint>

namespace hippocrypt::crypto {

/// n: words of a secret and of the public part of a ciphertext.
inline constexpr std::size_t lwe_dimension = 1024;
/// The standard deviation of e before it is rounded to an integer: 2^7.1.
inline constexpr double lwe_error_std = 137.18700;
/// No |e| is larger: rounded_gaussian.hpp derives it.
inline constexpr std::int32_t lwe_error_bound = 1176;

/// Bytes of the public seed from which all A of one tile come.
inline constexpr std::size_t lwe_seed_bytes = 32;
/// A tile on its way up: the seed, then b as (inputs, tokens) little-endian 32-bit words.
constexpr std::size_t lwe_body_bytes(std::size_t inputs, std::size_t tokens) {
  return lwe_seed_bytes + inputs * tokens * sizeof(std::uint32_t);
}
/// Words of one output ciphertext: n of A' = W_i·A, then b'.
inline constexpr std::size_t lwe_answer_words = lwe_dimension + 1;
/// An answer: (tokens, outputs) ciphertexts of lwe_answer_words little-endian 32-bit words.
constexpr std::size_t lwe_answer_bytes(std::size_t outputs, std::size_t tokens) {
  return tokens * outputs * lwe_answer_words * sizeof(std::uint32_t);
}
/// A product whose answer would be larger is refused: 1 GiB, 127 tokens of 2,048 outputs.
inline constexpr std::size_t lwe_max_answer_bytes = std::size_t{1} << 30;
/// More outputs than any matrix of a model has; keeps every size above within 64 bits.
inline constexpr std::size_t lwe_max_inputs = std::size_t{1} << 22;
inline constexpr std::size_t lwe_max_outputs = std::size_t{1} << 22;

}  // namespace hippocrypt::crypto
