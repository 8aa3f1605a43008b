#pragma once
// Work in fixed pieces on several threads. How the work is cut depends on its size only, never on
// the number of threads, so that results do not either: every sum is taken in one order.

#include <algorithm>
#include <cstddef>

namespace hippocrypt {

/// Threads that this machine can run at once, at least 1.
std::size_t machine_threads();

namespace parallel {
/// One piece of work; `worker` is below the number of threads and names the one that runs it.
using Piece = void (*)(const void* context, std::size_t index, std::size_t worker);
/// Runs every piece once on up to `threads` threads, the caller's among them, in any order; returns
/// when all are done. The first exception of a piece (out of memory) leaves on the caller's thread;
/// pieces that had not started by then are left out.
void run(std::size_t pieces, std::size_t threads, Piece piece, const void* context);
}  // namespace parallel

/// body(index, worker) for every index in [0, pieces), as parallel::run says.
template <class Body>
void run_pieces(std::size_t pieces, std::size_t threads, const Body& body) {
  parallel::run(
      pieces, threads,
      [](const void* context, std::size_t index, std::size_t worker) {
        (*static_cast<const Body*>(context))(index, worker);
      },
      &body);
}

/// body(begin, count) for the ranges of `width` (the last may be shorter) that make up [0, total).
template <class Body>
void run_ranges(std::size_t total, std::size_t width, std::size_t threads, const Body& body) {
  run_pieces((total + width - 1) / width, threads, [&](std::size_t index, std::size_t) {
    body(index * width, std::min(width, total - index * width));
  });
}

}  // namespace hippocrypt
