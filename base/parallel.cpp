#include "base/parallel.hpp"

#include <omp.h>

#include <atomic>
#include <cstdint>
#include <exception>
#include <thread>

namespace hippocrypt {

std::size_t machine_threads() { return std::max(1U, std::thread::hardware_concurrency()); }

}  // namespace hippocrypt

namespace hippocrypt::parallel {

void run(std::size_t pieces, std::size_t threads, Piece piece, const void* context) {
  const std::size_t workers = std::min(threads, pieces);
  if (workers <= 1) {
    for (std::size_t i = 0; i < pieces; ++i) piece(context, i, 0);
    return;
  }
  std::atomic<bool> failed{false};
  std::exception_ptr failure;
#pragma omp parallel for schedule(dynamic) num_threads(static_cast <int>(workers))
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(pieces); ++i) {
    if (failed.load(std::memory_order_relaxed)) continue;
    try {
      piece(context, static_cast<std::size_t>(i), static_cast<std::size_t>(omp_get_thread_num()));
    } catch (...) {
      if (!failed.exchange(true)) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace hippocrypt::parallel
