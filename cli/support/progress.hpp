#pragma once
// Progress of long work: a bar that redraws itself on a terminal, plain lines elsewhere. It goes to
// standard error, so that --json on standard output stays clean.

#include <cstdint>
#include <iosfwd>
#include <mutex>
#include <string>
#include <string_view>

namespace hippocrypt::cli {

enum class ProgressStyle {
  bar,    ///< one line, redrawn
  lines,  ///< a line at the start, at each quarter and at the end
  ends,   ///< a line at the end
  quiet,  ///< nothing
};

/// Bar if standard error is a terminal, lines otherwise.
ProgressStyle progress_style_of_stderr();
/// Columns of the terminal on standard error; 80 if it has none to tell.
std::size_t terminal_columns();

/// One stage of work after another, each with its bar: begin, advance..., end. Every function may
/// be called from any thread.
class Progress {
 public:
  struct Options {
    ProgressStyle style = ProgressStyle::lines;
    std::size_t columns = 80;  ///< a bar's line is kept shorter than this
  };

  /// `out` must outlive this.
  Progress(std::ostream& out, Options options);
  /// Clears an unfinished bar, so that what is printed next starts on an empty line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Starts a stage, "round 3/8", of `total` steps (at least 1); an unfinished stage is dropped.
  void begin(std::string title, std::uint64_t total);
  /// `count` more steps are done; `detail` stands behind the bar ("st-anna").
  void advance(std::uint64_t count = 1, std::string_view detail = {});
  /// Ends the stage with one lasting line, "title: summary".
  void end(std::string_view summary);
  /// A lasting line of its own, above the bar.
  void note(std::string_view line);

 private:
  std::string bar_line() const;
  void draw();
  void clear();

  std::mutex mutex_;  // guards all below
  std::ostream& out_;
  Options options_;
  bool running_ = false;
  std::string title_;
  std::string detail_;
  std::string drawn_;
  std::uint64_t total_ = 1;
  std::uint64_t done_ = 0;
  std::uint64_t quarters_said_ = 0;
};

}  // namespace hippocrypt::cli
