#include "federation/report/metrics_writer.hpp"

#include <fmt/chrono.h>

#include "federation/report/metrics_json.hpp"

namespace hippocrypt::federation::metrics {
namespace {

bool ends_within_a_line(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary | std::ios::ate};
  if (!in || in.tellg() <= 0) return false;
  in.seekg(-1, std::ios::end);
  return in.get() != '\n';
}

}  // namespace

std::string utc_text(std::chrono::system_clock::time_point time) {
  const auto milliseconds =
      std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (milliseconds % 1000 + 1000) % 1000);
}

MetricsWriter::MetricsWriter(const std::filesystem::path& file, std::string run, WallClock clock)
    : file_{file}, run_{std::move(run)}, clock_{std::move(clock)} {
  const bool torn = ends_within_a_line(file);
  out_.open(file, std::ios::app | std::ios::binary);
  if (torn) out_ << '\n';
}

void MetricsWriter::write(const Event& event) {
  nlohmann::ordered_json line{{"time", utc_text(clock_())}, {"run", run_}};
  line.update(to_json(event));
  // Text of hospitals and peers may hold anything; a line is UTF-8 all the same.
  out_ << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n' << std::flush;
}

Status MetricsWriter::status() const {
  if (out_) return {};
  return Error{Errc::io, file_.string() + ": could not be written; is the disk full?"};
}

}  // namespace hippocrypt::federation::metrics
