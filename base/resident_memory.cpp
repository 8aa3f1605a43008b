#include "base/resident_memory.hpp"

#include <unistd.h>

#include <fstream>
#include <string>

namespace hippocrypt {

std::uint64_t resident_bytes() {
  std::uint64_t total = 0, resident = 0;  // pages
  std::ifstream{"/proc/self/statm"} >> total >> resident;
  const long page = ::sysconf(_SC_PAGESIZE);
  return page > 0 ? resident * static_cast<std::uint64_t>(page) : 0;
}

std::uint64_t peak_resident_bytes() {
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;) {
    std::uint64_t kibibytes = 0;
    if (word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
  }
  return 0;
}

}  // namespace hippocrypt
