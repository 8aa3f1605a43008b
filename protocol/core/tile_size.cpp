#include "protocol/core/tile_size.hpp"

#include "crypto/lwe/core/lwe_params.hpp"

namespace hippocrypt::protocol {

std::size_t tile_width(Scheme scheme, std::size_t outputs, std::size_t tile_tokens,
                       unsigned download_bits) {
  std::size_t width = tile_tokens;
  const auto fits = [&] {
    return (scheme == Scheme::scalar
                ? crypto::lwe_answer_bytes(outputs, width)
                : outputs * crypto::row_bytes(download_bits, width)) <= max_body_bytes;
  };
  while (width > 1 && !fits()) width = (width + 1) / 2;
  return width;
}

}  // namespace hippocrypt::protocol
