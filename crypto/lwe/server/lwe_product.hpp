#pragma once
// What the blind server computes in the scalar scheme: W·(A|b) mod 2^32, token by token. No key.

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/server/product.hpp"

namespace hippocrypt::crypto {

/// A weight matrix for products with scalar ciphertexts. Immutable: products may run on several
/// threads at once.
class LweWeights {
 public:
  /// Copies the weights. Errors: out_of_range (an empty matrix, or one with more than
  /// lwe_max_inputs inputs or lwe_max_outputs outputs).
  static Result<LweWeights> create(Int8MatrixView weights);

  std::size_t out() const { return out_; }
  std::size_t in() const { return in_; }

  /// The answer, lwe_answer_bytes(out, tokens), to `body`, a tile of lwe_encrypt. Work is split
  /// over `threads`; the result does not depend on it. Errors: malformed when the length of `body`
  /// is not lwe_body_bytes(in, tokens); limit_exceeded when the answer would pass
  /// lwe_max_answer_bytes.
  Result<Bytes> multiply(ByteView body, std::size_t tokens, int threads) const;

 private:
  LweWeights() = default;
  std::vector<std::int8_t> values_;
  std::size_t out_ = 0, in_ = 0;
};

}  // namespace hippocrypt::crypto
