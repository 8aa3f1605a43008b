#pragma once
// So many a second, with a burst of as many as a second allows.

#include <algorithm>
#include <chrono>

namespace hippocrypt::net {

class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;
  /// 0: no limit.
  RateLimiter(double per_s, Clock::time_point now) : per_s_{per_s}, tokens_{per_s}, last_{now} {}

  /// Takes one and returns 0, or how long there is none.
  std::chrono::milliseconds take(Clock::time_point now) {
    if (per_s_ <= 0) return {};
    tokens_ += std::chrono::duration<double>(now - last_).count() * per_s_;
    tokens_ = std::min(tokens_, std::max(per_s_, 1.0));
    last_ = now;
    if (tokens_ >= 1) {
      tokens_ -= 1;
      return {};
    }
    const auto wait = static_cast<long>((1 - tokens_) / per_s_ * 1000);
    return std::chrono::milliseconds{wait + 1};
  }

 private:
  const double per_s_;
  double tokens_;
  Clock::time_point last_;
};

}  // namespace hippocrypt::net
