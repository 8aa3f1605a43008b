#pragma once
// Lines of a terminal or pipe, as somebody types them.

#include <atomic>
#include <optional>
#include <string>

namespace hippocrypt::cli {

class LineReader {
 public:
  /// Reads the open file `file`; `stop` ends it, also while it waits, and must outlive it.
  LineReader(int file, const std::atomic<bool>& stop) : file_{file}, stop_{stop} {}
  /// The next line without its end; nothing when there is none or `stop` was set. A line above
  /// 1 MiB comes in pieces.
  std::optional<std::string> next();

 private:
  bool read_more();

  int file_;
  const std::atomic<bool>& stop_;
  std::string buffer_;
};

}  // namespace hippocrypt::cli
