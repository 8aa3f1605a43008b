#include "actors/process_memory.hpp"

#include <malloc.h>

#include <algorithm>

namespace hippocrypt::actors {

void limit_heaps(std::size_t count) {
  static_cast<void>(mallopt(M_ARENA_MAX, static_cast<int>(std::clamp<std::size_t>(count, 1, 64))));
}

}  // namespace hippocrypt::actors
