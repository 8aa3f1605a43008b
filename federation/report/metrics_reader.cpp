#include "federation/report/metrics_reader.hpp"

#include <algorithm>
#include <fstream>

#include "base/json_nesting.hpp"
#include "federation/report/metrics_json.hpp"

namespace hippocrypt::federation::metrics {
namespace {

using nlohmann::json;

constexpr std::size_t deepest_nesting = 8;

void read_line(const std::string& text, Metrics& metrics) {
  if (text.empty()) return;
  if (text.size() > max_line_bytes || is_nested_deeper(text, deepest_nesting)) {
    ++metrics.damaged;
    return;
  }
  try {
    const json line = json::parse(text);
    if (const auto version = line.find("version"); line.at("event") == "run_start") {
      if (version != line.end()) {
        metrics.version = std::max(metrics.version, version->get<std::uint64_t>());
      }
    }
    auto event = event_from(line);
    if (!event) {
      ++metrics.foreign;
      return;
    }
    metrics.lines.push_back({line.at("time").get<std::string>(), std::move(*event)});
  } catch (const json::exception&) {
    ++metrics.damaged;
  }
}

/// The next line without its end, cut shortly above the longest; false at the end.
bool next_line(std::istream& in, std::string& line) {
  line.clear();
  std::streambuf& buffer = *in.rdbuf();
  for (int c = buffer.sbumpc(); c != std::char_traits<char>::eof(); c = buffer.sbumpc()) {
    if (c == '\n') return true;
    if (line.size() <= max_line_bytes) line += static_cast<char>(c);
  }
  return !line.empty();
}

}  // namespace

std::string first_time(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  Metrics metrics;
  for (std::string line; metrics.lines.empty() && in && next_line(in, line);) {
    read_line(line, metrics);
  }
  return metrics.lines.empty() ? std::string{} : metrics.lines.front().time;
}

Result<Metrics> read_metrics(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    return Error{Errc::not_found, file.string() + ": there is no such file"};
  }
  if (!std::filesystem::is_regular_file(file, ignored)) {
    return Error{Errc::io, file.string() + ": is no file"};
  }
  std::ifstream in{file, std::ios::binary};
  if (!in) return Error{Errc::io, file.string() + ": cannot be opened"};
  Metrics metrics;
  for (std::string line; next_line(in, line);) read_line(line, metrics);
  return metrics;
}

}  // namespace hippocrypt::federation::metrics
