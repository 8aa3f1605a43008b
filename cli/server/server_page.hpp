#pragma once
// A blind server's counters as a page for Prometheus, text format 0.0.4.

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "actors/gateways/ingress_counters.hpp"

namespace hippocrypt::cli {

/// For any number of threads.
class ServerPage {
 public:
  using Clock = std::chrono::steady_clock;
  /// Over which products a second are counted.
  static constexpr std::chrono::seconds window{60};

  ServerPage(std::shared_ptr<const actors::IngressCounters> counters, Clock::time_point now);
  /// The rate is that since the oldest page of the last minute, or since the start.
  std::string text(Clock::time_point now, std::uint64_t resident_bytes);

 private:
  struct Sample {
    Clock::time_point at;
    std::uint64_t products;
  };
  double products_per_second(Clock::time_point now);

  const std::shared_ptr<const actors::IngressCounters> counters_;
  std::mutex mutex_;
  std::deque<Sample> samples_;  ///< oldest first; never empty
};

}  // namespace hippocrypt::cli
