#pragma once
// Lines of a kind that strangers can cause: they must not fill a disk.

#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

namespace hippocrypt::actors {

class SparseLog {
 public:
  /// Between two lines.
  explicit SparseLog(std::chrono::steady_clock::duration pause) : pause_{pause} {}

  /// How many lines were left out before this one; nothing if this one is to be left out, too.
  std::optional<std::size_t> next() {
    const auto now = std::chrono::steady_clock::now();
    if (now < quiet_until_) {
      ++left_out_;
      return std::nullopt;
    }
    quiet_until_ = now + pause_;
    return std::exchange(left_out_, 0);
  }

 private:
  std::chrono::steady_clock::duration pause_;
  std::chrono::steady_clock::time_point quiet_until_{};
  std::size_t left_out_ = 0;
};

}  // namespace hippocrypt::actors
