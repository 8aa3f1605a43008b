#include "crypto/core/wire_format.hpp"

#include "base/check.hpp"

namespace hippocrypt::crypto {
namespace {

/// Formats whose values are whole bytes.
template <unsigned bytes>
void unpack_bytes(const std::uint8_t* row, std::size_t tokens, std::uint32_t* values) {
  for (std::size_t t = 0; t < tokens; ++t) {
    std::uint32_t value = 0;
    for (unsigned b = 0; b < bytes; ++b) value |= std::uint32_t{row[t * bytes + b]} << (8 * b);
    values[t] = value;
  }
}

template <unsigned bytes>
void pack_bytes(const std::uint32_t* values, std::size_t tokens, std::uint8_t* row) {
  for (std::size_t t = 0; t < tokens; ++t) {
    for (unsigned b = 0; b < bytes; ++b) {
      row[t * bytes + b] = static_cast<std::uint8_t>(values[t] >> (8 * b));
    }
  }
}

/// Formats of an odd number of half bytes: two values in `pair_bytes` bytes.
template <unsigned pair_bytes>
void unpack_pairs(const std::uint8_t* row, std::size_t tokens, std::uint32_t* values) {
  constexpr unsigned bits = pair_bytes * 4;
  constexpr std::uint32_t mask = (1U << bits) - 1;
  const auto load = [](const std::uint8_t* from, unsigned count) {
    std::uint64_t word = 0;
    for (unsigned b = 0; b < count; ++b) word |= std::uint64_t{from[b]} << (8 * b);
    return word;
  };
  std::size_t t = 0;
  for (; t + 2 <= tokens; t += 2, row += pair_bytes) {
    const std::uint64_t pair = load(row, pair_bytes);
    values[t] = static_cast<std::uint32_t>(pair) & mask;
    values[t + 1] = static_cast<std::uint32_t>(pair >> bits) & mask;
  }
  if (t < tokens) values[t] = static_cast<std::uint32_t>(load(row, (bits + 7) / 8)) & mask;
}

template <unsigned pair_bytes>
void pack_pairs(const std::uint32_t* values, std::size_t tokens, std::uint8_t* row) {
  constexpr unsigned bits = pair_bytes * 4;
  constexpr std::uint32_t mask = (1U << bits) - 1;
  for (std::size_t t = 0; t < tokens; t += 2, row += pair_bytes) {
    const bool has_second = t + 1 < tokens;
    const std::uint64_t second = has_second ? values[t + 1] & mask : 0;
    const std::uint64_t pair = (values[t] & mask) | second << bits;
    const unsigned count = has_second ? pair_bytes : (bits + 7) / 8;
    for (unsigned b = 0; b < count; ++b) row[b] = static_cast<std::uint8_t>(pair >> (8 * b));
  }
}

}  // namespace

void unpack_row(unsigned bits, const std::uint8_t* row, std::size_t tokens, std::uint32_t* values) {
  switch (bits) {
    case 12:
      return unpack_pairs<3>(row, tokens, values);
    case 16:
      return unpack_bytes<2>(row, tokens, values);
    case 20:
      return unpack_pairs<5>(row, tokens, values);
    case 24:
      return unpack_bytes<3>(row, tokens, values);
    default:
      check_failed(__FILE__, __LINE__, "bits", "values of this width have no wire format");
  }
}

void pack_row(unsigned bits, const std::uint32_t* values, std::size_t tokens, std::uint8_t* row) {
  switch (bits) {
    case 12:
      return pack_pairs<3>(values, tokens, row);
    case 16:
      return pack_bytes<2>(values, tokens, row);
    case 20:
      return pack_pairs<5>(values, tokens, row);
    case 24:
      return pack_bytes<3>(values, tokens, row);
    default:
      check_failed(__FILE__, __LINE__, "bits", "values of this width have no wire format");
  }
}

}  // namespace hippocrypt::crypto
