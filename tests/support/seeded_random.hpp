#pragma once
// A reproducible RandomSource for tests only: production code must never be able to link one.

#include <cstdint>
#include <random>
#include <span>

#include "base/random.hpp"

namespace hippocrypt::test_support {

/// mt19937-64 bytes, least significant first. Not secure.
class SeededRandom final : public RandomSource {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_{seed} {}

  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      if (left_ == 0) {
        word_ = engine_();
        left_ = 8;
      }
      byte = static_cast<std::uint8_t>(word_);
      word_ >>= 8;
      --left_;
    }
  }

 private:
  std::mt19937_64 engine_;
  std::uint64_t word_ = 0;
  int left_ = 0;
};

}  // namespace hippocrypt::test_support
