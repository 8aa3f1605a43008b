#include "base/resident_memory.hpp"

#include <unistd.h>

#include <fstream>

namespace hippocrypt {

std::uint64_t resident_bytes() {
  std::uint64_t total = 0, resident = 0;  // pages
  std::ifstream{"/proc/self/statm"} >> total >> resident;
  const long page = ::sysconf(_SC_PAGESIZE);
  return page > 0 ? resident * static_cast<std::uint64_t>(page) : 0;
}

}  // namespace hippocrypt
