#include <algorithm>

#include "crypto/server/kernel_choice.hpp"
#include "crypto/server/product.hpp"

namespace hippocrypt::crypto {

Result<std::unique_ptr<PackedWeights>> pack_weights(Int8MatrixView weights) {
  constexpr std::size_t max_in = std::size_t{1} << 22;  // 2^22·127·2^24 < 2^53, exact in double
  HIPPOCRYPT_CHECK(weights.values.size() == weights.out * weights.in);
  if (weights.out == 0 || weights.in == 0) {
    return Error{Errc::out_of_range, "a weight matrix needs at least one output and one input"};
  }
  if (weights.in > max_in) {
    return Error{Errc::out_of_range, "a weight matrix has " + std::to_string(weights.in) +
                                         " inputs, more than the " + std::to_string(max_in) +
                                         " that products are exact for: split it"};
  }
  if (std::find(weights.values.begin(), weights.values.end(), std::int8_t{-128}) !=
      weights.values.end()) {
    return Error{Errc::out_of_range,
                 "a weight is -128: quantize symmetrically, to values in [-127, 127]"};
  }
  return fastest_kernel().pack(weights);
}

}  // namespace hippocrypt::crypto
