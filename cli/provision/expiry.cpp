#include "cli/provision/expiry.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace hippocrypt::cli {
namespace {

std::int64_t whole_days(WallTime::duration duration) {
  return std::chrono::duration_cast<std::chrono::hours>(duration).count() / 24;
}

std::string days(std::int64_t count) {
  return fmt::format("{} day{}", count, count == 1 ? "" : "s");
}

std::tm utc(WallTime time) { return fmt::gmtime(std::chrono::system_clock::to_time_t(time)); }

}  // namespace

std::string iso_time(WallTime time) { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", utc(time)); }

std::string expiry_text(WallTime expiry, WallTime now) {
  const std::string date = fmt::format("{:%Y-%m-%d}", utc(expiry));
  return now < expiry ? fmt::format("{} ({} left)", date, days(whole_days(expiry - now)))
                      : fmt::format("{} (expired {} ago)", date, days(whole_days(now - expiry)));
}

std::string expiry_warning(WallTime expiry, WallTime now) {
  if (now >= expiry) return "has expired";
  const auto left = whole_days(expiry - now);
  return left < warning_days ? fmt::format("expires in {}", days(left)) : std::string{};
}

}  // namespace hippocrypt::cli
