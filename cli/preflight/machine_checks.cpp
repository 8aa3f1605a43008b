#include "cli/preflight/machine_checks.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/descriptor.hpp"
#include "cli/support/quantities.hpp"

namespace hippocrypt::cli {
namespace {

std::string size_text(std::uint64_t bytes) { return bytes_text(static_cast<double>(bytes)); }

std::filesystem::path nearest_existing(std::filesystem::path folder) {
  std::error_code ignored;
  folder = std::filesystem::absolute(folder, ignored);
  while (!std::filesystem::exists(folder, ignored) && folder != folder.parent_path()) {
    folder = folder.parent_path();
  }
  return folder;
}

/// The number behind `name` in /proc/meminfo, in bytes.
std::optional<std::uint64_t> meminfo(const std::string& name) {
  std::ifstream file{"/proc/meminfo"};
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words{line};
    std::string key;
    std::uint64_t kib = 0;
    if (words >> key >> kib && key == name) return kib * 1024;
  }
  return std::nullopt;
}

/// A control group's figure (version 2); "max" is none.
std::optional<std::uint64_t> group_figure(const char* path) {
  std::uint64_t value = 0;
  if (std::ifstream file{path}; file >> value) return value;
  return std::nullopt;
}

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

std::optional<Address> address_of(const std::string& text, std::uint16_t port) {
  Address address;
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof *v4;
  } else if (::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.size = sizeof *v6;
  } else {
    return std::nullopt;
  }
  return address;
}

std::string way_out(int cause) {
  if (cause == EADDRINUSE) return "; another program listens there: stop it, or change listen.port";
  if (cause == EACCES) return "; ports below 1024 are the system's: take another in listen.port";
  return "; correct listen.address and listen.port";
}

}  // namespace

Check check_disk(const std::filesystem::path& folder, std::uint64_t needed_bytes,
                 const std::string& what) {
  constexpr const char* name = "disk";
  const auto nearest = nearest_existing(folder);
  std::error_code failure;
  const auto space = std::filesystem::space(nearest, failure);
  if (failure) return failed(name, nearest.string() + ": cannot examine: " + failure.message());
  if (::access(nearest.c_str(), W_OK | X_OK) != 0) {
    return failed(name, fmt::format("{} cannot be written: {}; give it to the user that runs this",
                                    nearest.string(), std::strerror(errno)));
  }
  const std::string found =
      fmt::format("{} free at {}, {} needed for {}", size_text(space.available), nearest.string(),
                  size_text(needed_bytes), what);
  if (space.available >= needed_bytes) return passed(name, found);
  return failed(name, found + "; free some, or name a folder on a larger disk");
}

Check check_memory(std::uint64_t needed_bytes, std::optional<std::uint64_t> available) {
  constexpr const char* name = "memory";
  if (!available) return skipped(name, "the system does not say how much is free");
  const std::string found =
      fmt::format("{} available, {} foreseen", size_text(*available), size_text(needed_bytes));
  if (*available >= needed_bytes) return passed(name, found);
  return failed(name, found +
                          "; end other programs, take a larger machine or raise MemoryMax, or "
                          "train in smaller passes (encryption.train_tiles)");
}

std::optional<std::uint64_t> available_memory() {
  auto available = meminfo("MemAvailable:");
  const auto limit = group_figure("/sys/fs/cgroup/memory.max");
  const auto used = group_figure("/sys/fs/cgroup/memory.current");
  if (limit && used) {
    const std::uint64_t left = *limit > *used ? *limit - *used : 0;
    available = std::min(available.value_or(left), left);
  }
  return available;
}

Check check_own_port(const std::string& address, std::uint16_t port) {
  const std::string name = fmt::format("port {}", port);
  const auto target = address_of(address, port);
  if (!target) return failed(name, address + " is no address; correct listen.address");
  const Descriptor socket{::socket(target->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const int on = 1;
  // As a listener does it: connections of one that has ended do not block it.
  if (socket.get() < 0 ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&target->storage), target->size) !=
          0 ||
      ::listen(socket.get(), 1) != 0) {
    const int cause = errno;
    return failed(name, fmt::format("cannot listen at {}:{}: {}{}", address, port,
                                    std::strerror(cause), way_out(cause)));
  }
  return passed(name,
                fmt::format("free at {}; firewalls are checked from the hospitals' side", address));
}

}  // namespace hippocrypt::cli
