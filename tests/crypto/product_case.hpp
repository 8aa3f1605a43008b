#pragma once
// A product of random or extreme numbers and its plain reference.

#include <algorithm>
#include <vector>

#include "base/random.hpp"
#include "crypto/server/product.hpp"

namespace hippocrypt::crypto {

constexpr WireFormat all_formats[] = {{24, 16}, {24, 12}, {20, 16}, {20, 12}};

struct ProductShape {
  std::size_t out, in, tokens;
};

/// Weights are ±127 and all bits of the body set when `extreme`.
struct ProductCase {
  std::vector<std::int8_t> weights;
  Bytes body;
  std::size_t out, in, tokens;
  WireFormat format;

  explicit ProductCase(const ProductShape& shape, bool extreme = false, WireFormat wire = {})
      : weights(shape.out * shape.in),
        body(shape.in * row_bytes(wire.upload_bits, shape.tokens)),
        out{shape.out},
        in{shape.in},
        tokens{shape.tokens},
        format{wire} {
    SeededSequence sequence{out * 1000003 + in * 1009 + tokens, "product"};
    for (auto& w : weights) {
      const auto value = static_cast<int>(sequence.below(255)) - 127;
      w = static_cast<std::int8_t>(extreme ? (value < 100 ? 127 : -127) : value);
    }
    for (auto& b : body) {
      b = extreme ? std::uint8_t{255} : static_cast<std::uint8_t>(sequence.next_u64());
    }
  }
  Int8MatrixView view() const { return {weights, out, in}; }

  Bytes reference() const {
    const std::size_t stride = row_bytes(format.upload_bits, tokens);
    std::vector<std::uint32_t> b(in * tokens), row(tokens);
    for (std::size_t j = 0; j < in; ++j) {
      unpack_row(format.upload_bits, body.data() + j * stride, tokens, b.data() + j * tokens);
    }
    const std::int64_t modulus = std::int64_t{1} << format.upload_bits;
    const std::int64_t unit = modulus >> format.download_bits;
    const std::size_t answer_stride = row_bytes(format.download_bits, tokens);
    Bytes answer(out * answer_stride);
    for (std::size_t i = 0; i < out; ++i) {
      for (std::size_t t = 0; t < tokens; ++t) {
        std::int64_t sum = 0;
        for (std::size_t j = 0; j < in; ++j) {
          sum += std::int64_t{weights[i * in + j]} * b[j * tokens + t];
        }
        const std::int64_t rest = (sum % modulus + modulus) % modulus;
        row[t] = static_cast<std::uint32_t>((rest + unit / 2) / unit);
      }
      pack_row(format.download_bits, row.data(), tokens, answer.data() + i * answer_stride);
    }
    return answer;
  }
};

}  // namespace hippocrypt::crypto
