#pragma once
// Polynomials stored for lane-parallel transforms: 16 polynomials side by side, one per 32-bit
// lane. Word (p, k) lies at ((p / 16)·N + k)·16 + p % 16; missing polynomials of the last group are
// zero.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/check.hpp"

namespace hippocrypt::crypto {

inline constexpr std::size_t lanes = 16;

/// Words that `count` polynomials of `ring_dim` coefficients take.
constexpr std::size_t lane_polys_words(std::size_t count, std::size_t ring_dim) {
  return (count + lanes - 1) / lanes * lanes * ring_dim;
}

/// A read-only view on someone else's words (a vector, a message, a mapped file); it must outlive
/// the view.
class LanePolysView {
 public:
  LanePolysView() = default;
  LanePolysView(std::span<const std::uint32_t> words, std::size_t count, std::size_t ring_dim)
      : words_{words}, count_{count}, ring_dim_{ring_dim} {
    HIPPOCRYPT_CHECK(words.size() == lane_polys_words(count, ring_dim));
  }
  std::size_t count() const { return count_; }
  std::size_t ring_dim() const { return ring_dim_; }
  std::size_t group_count() const { return (count_ + lanes - 1) / lanes; }
  std::span<const std::uint32_t> words() const { return words_; }
  /// N·16 words of polynomials [16g, 16g + 16).
  const std::uint32_t* group(std::size_t g) const { return words_.data() + g * ring_dim_ * lanes; }
  std::uint32_t at(std::size_t poly, std::size_t index) const {
    return words_[((poly / lanes) * ring_dim_ + index) * lanes + poly % lanes];
  }

 private:
  std::span<const std::uint32_t> words_;
  std::size_t count_ = 0, ring_dim_ = 0;
};

/// Owns its words.
class LanePolys {
 public:
  LanePolys() = default;
  LanePolys(std::size_t count, std::size_t ring_dim)
      : words_(lane_polys_words(count, ring_dim)), count_{count}, ring_dim_{ring_dim} {}
  LanePolysView view() const { return {words_, count_, ring_dim_}; }
  std::span<std::uint32_t> words() { return words_; }
  std::uint32_t& at(std::size_t poly, std::size_t index) {
    return words_[((poly / lanes) * ring_dim_ + index) * lanes + poly % lanes];
  }

 private:
  std::vector<std::uint32_t> words_;
  std::size_t count_ = 0, ring_dim_ = 0;
};

}  // namespace hippocrypt::crypto
