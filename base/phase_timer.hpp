#pragma once
// Where time goes: seconds by the name of a phase. The clock is passed in, so that nobody who is
// measured knows one.

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace hippocrypt {

/// Thread-safe. Phases on several threads at once add up.
class PhaseTimer {
 public:
  /// Seconds that never go back, e.g. of a steady clock.
  using Clock = std::function<double()>;
  explicit PhaseTimer(Clock clock) : clock_{std::move(clock)} {}

  void add(std::string_view phase, double seconds);
  std::map<std::string, double, std::less<>> seconds() const;

  /// Adds the time from its making to its end; does nothing when `timer` is null.
  class Span {
   public:
    Span(PhaseTimer* timer, std::string_view phase)
        : timer_{timer}, phase_{phase}, start_{timer == nullptr ? 0 : timer->clock_()} {}
    ~Span() {
      if (timer_ != nullptr) timer_->add(phase_, timer_->clock_() - start_);
    }
    Span(const Span&) = delete;
    Span& operator=(const Span&) = delete;

   private:
    PhaseTimer* timer_;
    std::string_view phase_;
    double start_;
  };

 private:
  Clock clock_;
  mutable std::mutex mutex_;
  std::map<std::string, double, std::less<>> seconds_;
};

}  // namespace hippocrypt
