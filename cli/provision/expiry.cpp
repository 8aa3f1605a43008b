#include "cli/provision/expiry.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace hippocrypt::cli {
namespace {

constexpr std::chrono::hours day{24};

/// To the nearest.
std::int64_t whole_days(WallTime::duration duration) { return (duration + day / 2) / day; }

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
  if (expiry - now >= warning_days * day) return {};
  return "expires in " + days(whole_days(expiry - now));
}

}  // namespace hippocrypt::cli
