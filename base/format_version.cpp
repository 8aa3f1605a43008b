#include "base/format_version.hpp"

#include <charconv>
#include <string>

namespace hippocrypt {

Status check_version(std::string_view what, std::uint64_t found, KnownVersions known) {
  if (found >= known.oldest && found <= known.newest) return {};
  const std::string ours =
      known.oldest == known.newest
          ? "version " + std::to_string(known.newest)
          : "versions " + std::to_string(known.oldest) + " to " + std::to_string(known.newest);
  return Error{Errc::unsupported, std::string{what} + " is of version " + std::to_string(found) +
                                      " and this program reads " + ours + "; " +
                                      (found > known.newest ? "update this program"
                                                            : "use the release that wrote it")};
}

std::optional<std::uint64_t> version_in_line(std::string_view line, std::string_view start) {
  if (!line.starts_with(start)) return std::nullopt;
  line.remove_prefix(start.size());
  std::uint64_t version = 0;
  const auto [end, failure] = std::from_chars(line.data(), line.data() + line.size(), version);
  if (failure != std::errc{} || end != line.data() + line.size()) return std::nullopt;
  return version;
}

}  // namespace hippocrypt
