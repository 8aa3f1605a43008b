#include "base/allocation.hpp"

#include <cstdlib>  // tells which C library this is
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace hippocrypt {

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int threshold_bytes = 32 << 20;
  static_cast<void>(mallopt(M_MMAP_THRESHOLD, threshold_bytes));
  static_cast<void>(mallopt(M_TRIM_THRESHOLD, 512 << 20));
#endif
}

}  // namespace hippocrypt
