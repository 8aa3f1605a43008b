#pragma once
// What a blind server counts for its page of metrics.

#include <atomic>
#include <cstdint>

namespace hippocrypt::actors {

/// One thread counts, others read.
struct IngressCounters {
  std::atomic<std::uint64_t> peers{0};                   ///< now
  std::atomic<std::uint64_t> queued{0};                  ///< requests that wait now
  std::atomic<std::uint64_t> working{0};                 ///< with the blind server now
  std::atomic<std::uint64_t> requests{0};                ///< taken, of all kinds
  std::atomic<std::uint64_t> products{0};                ///< answered by a product
  std::atomic<std::uint64_t> refusals{0};                ///< answered by an error
  std::atomic<std::uint64_t> dropped{0};                 ///< whose peer went away before the answer
  std::atomic<std::uint64_t> bytes_in{0}, bytes_out{0};  ///< of requests and replies
};

}  // namespace hippocrypt::actors
