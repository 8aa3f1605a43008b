#pragma once
// Bounded little-endian reading and writing. Every length is checked against what is left before
// use.

#include <bit>
#include <cstring>
#include <type_traits>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace hippocrypt {

static_assert(std::endian::native == std::endian::little,
              "wire and file formats are little-endian");

/// Reads from a view that must outlive it. Errors: malformed when fewer bytes are left than asked
/// for.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : left_{bytes} {}

  std::size_t left() const { return left_.size(); }

  template <class T>
  requires std::is_arithmetic_v<T> Result<T> read() {
    HIPPOCRYPT_TRY(const ByteView raw, take(sizeof(T)));
    T value{};
    std::memcpy(&value, raw.data(), sizeof(T));
    return value;
  }

  /// The next `count` bytes, not copied.
  Result<ByteView> take(std::size_t count) {
    if (count > left_.size()) {
      return Error{Errc::malformed, "truncated: " + std::to_string(count) + " bytes wanted, " +
                                        std::to_string(left_.size()) + " left"};
    }
    const ByteView out = left_.first(count);
    left_ = left_.subspan(count);
    return out;
  }

 private:
  ByteView left_;
};

/// Appends to its own buffer.
class ByteWriter {
 public:
  ByteWriter() = default;
  /// Room for `size` bytes, so that as many are written without moving what is there.
  explicit ByteWriter(std::size_t size) { bytes_.reserve(size); }

  template <class T>
  requires std::is_arithmetic_v<T>
  void write(T value) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + sizeof(T));
    std::memcpy(bytes_.data() + at, &value, sizeof(T));
  }
  void append(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  Bytes take() && { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

}  // namespace hippocrypt
