#include "cli/support/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <ostream>

#include "base/check.hpp"

namespace hippocrypt::cli {
namespace {

constexpr std::size_t default_columns = 80;
constexpr std::size_t bar_columns = 24;
constexpr std::uint64_t quarters = 4;

// In double, so that no count overflows.
std::uint64_t share(std::uint64_t done, std::uint64_t total, std::uint64_t parts) {
  return static_cast<std::uint64_t>(static_cast<double>(done) / static_cast<double>(total) *
                                    static_cast<double>(parts));
}

}  // namespace

ProgressStyle progress_style_of_stderr() {
  return ::isatty(STDERR_FILENO) == 1 ? ProgressStyle::bar : ProgressStyle::lines;
}

std::size_t terminal_columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return default_columns;
  return size.ws_col;
}

Progress::Progress(std::ostream& out, Options options) : out_{out}, options_{options} {}

Progress::~Progress() { clear(); }

void Progress::begin(std::string title, std::uint64_t total) {
  HIPPOCRYPT_CHECK(total > 0);
  const std::lock_guard lock{mutex_};
  clear();
  running_ = true;
  title_ = std::move(title);
  detail_.clear();
  total_ = total;
  done_ = 0;
  quarters_said_ = 0;
  if (options_.style == ProgressStyle::lines) out_ << title_ << " ...\n" << std::flush;
  draw();
}

void Progress::advance(std::uint64_t count, std::string_view detail) {
  const std::lock_guard lock{mutex_};
  if (!running_) return;  // a straggler after the end of its stage
  done_ += std::min(count, total_ - done_);
  detail_ = detail;
  const std::uint64_t quarter = share(done_, total_, quarters);
  // The last quarter is said by end().
  if (options_.style == ProgressStyle::lines && quarter > quarters_said_ && quarter < quarters) {
    quarters_said_ = quarter;
    out_ << title_ << ": " << done_ << '/' << total_ << '\n' << std::flush;
  }
  draw();
}

void Progress::end(std::string_view summary) {
  const std::lock_guard lock{mutex_};
  clear();
  running_ = false;
  if (options_.style != ProgressStyle::quiet)
    out_ << title_ << ": " << summary << '\n' << std::flush;
}

void Progress::note(std::string_view line) {
  const std::lock_guard lock{mutex_};
  clear();
  if (options_.style != ProgressStyle::quiet) out_ << line << '\n' << std::flush;
  draw();
}

std::string Progress::bar_line() const {
  const auto filled = static_cast<std::size_t>(share(done_, total_, bar_columns));
  std::string line = title_ + " [" + std::string(filled, '=');
  if (filled < bar_columns) line.append(">").append(bar_columns - filled - 1, ' ');
  line.append("] ").append(std::to_string(done_)).append("/").append(std::to_string(total_));
  if (!detail_.empty()) line.append(" ").append(detail_);
  // A line that wraps could not be redrawn.
  if (line.size() >= options_.columns) line.resize(options_.columns > 0 ? options_.columns - 1 : 0);
  return line;
}

void Progress::draw() {
  if (options_.style != ProgressStyle::bar || !running_) return;
  std::string line = bar_line();
  if (line == drawn_) return;
  const std::size_t left_over = drawn_.size() > line.size() ? drawn_.size() - line.size() : 0;
  out_ << '\r' << line << std::string(left_over, ' ') << std::flush;
  drawn_ = std::move(line);
}

void Progress::clear() {
  if (drawn_.empty()) return;
  out_ << '\r' << std::string(drawn_.size(), ' ') << '\r' << std::flush;
  drawn_.clear();
}

}  // namespace hippocrypt::cli
