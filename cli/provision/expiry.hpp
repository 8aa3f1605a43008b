#pragma once
// Until when something is valid, as people and programs read it.

#include <chrono>
#include <string>

namespace hippocrypt::cli {

using WallTime = std::chrono::system_clock::time_point;

/// Days before its end at which a certificate is warned about.
inline constexpr int warning_days = 30;

/// "2027-12-31T12:00:00Z".
std::string iso_time(WallTime time);
/// "2027-12-31 (400 days left)", "2026-01-01 (expired 3 days ago)"; UTC, to the nearest day.
std::string expiry_text(WallTime expiry, WallTime now);
/// Why somebody should act, or empty: "expires in 12 days", "has expired".
std::string expiry_warning(WallTime expiry, WallTime now);

}  // namespace hippocrypt::cli
