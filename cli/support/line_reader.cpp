#include "cli/support/line_reader.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace hippocrypt::cli {
namespace {

constexpr std::size_t most_line_bytes = std::size_t{1} << 20;
constexpr int look_at_stop_every_ms = 100;

}  // namespace

std::optional<std::string> LineReader::next() {
  for (;;) {
    if (stop_.load()) return std::nullopt;
    const std::size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    if (buffer_.size() >= most_line_bytes) return std::exchange(buffer_, {});
    if (!read_more()) {
      if (buffer_.empty() || stop_.load()) return std::nullopt;
      return std::exchange(buffer_, {});
    }
  }
}

/// false at the end, on an error or when told to stop.
bool LineReader::read_more() {
  if (file_ < 0) return false;  // poll would wait for ever
  while (!stop_.load()) {
    pollfd waiting{file_, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, look_at_stop_every_ms);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    if (ready < 0) return false;
    std::array<char, 4096> chunk{};
    const ssize_t size = ::read(file_, chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    buffer_.append(chunk.data(), static_cast<std::size_t>(size));
    return true;
  }
  return false;
}

}  // namespace hippocrypt::cli
