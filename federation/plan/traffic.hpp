#pragma once

#include <cstdint>

namespace hippocrypt::federation {

/// Bytes from the hospital, and to it.
struct Traffic {
  std::uint64_t up = 0, down = 0;

  std::uint64_t both() const { return up + down; }
  Traffic& operator+=(const Traffic& other) {
    up += other.up;
    down += other.down;
    return *this;
  }
  friend Traffic operator+(Traffic a, const Traffic& b) { return a += b; }
  friend Traffic operator*(Traffic a, std::uint64_t times) {
    return {a.up * times, a.down * times};
  }
  friend bool operator==(const Traffic&, const Traffic&) = default;
};

}  // namespace hippocrypt::federation
