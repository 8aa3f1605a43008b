#include "cli/preflight/line_checks.hpp"

#include <fmt/format.h>

#include <cmath>

#include "cli/provision/show.hpp"
#include "cli/support/quantities.hpp"

namespace hippocrypt::cli {
namespace {

using namespace std::chrono_literals;

/// Certificates' dates bear an hour; logs that are compared do not.
constexpr std::chrono::seconds clock_warning{60};
constexpr std::chrono::seconds clock_failure{3600};
/// Share of a round's time that transfers may take: the rest is for training.
constexpr double transfer_share = 0.5;

std::string unreachable(const Error& error) {
  if (error.code != Errc::unavailable && error.code != Errc::deadline) return error.detail;
  return error.detail +
         "; is its program running, is the port open in the firewalls between, and does this site "
         "need a proxy (key 'proxy')?";
}

Check judge_clock(const std::string& where, std::chrono::microseconds difference) {
  const std::string name = "clock of " + where;
  const double seconds = std::chrono::duration<double>(difference).count();
  const std::string text = fmt::format("{} {} this machine's", duration_text(std::abs(seconds)),
                                       seconds < 0 ? "behind" : "ahead of");
  const char* const way_out =
      "; one of the two machines does not follow a time service (timedatectl shows which)";
  if (std::chrono::abs(difference) >= clock_failure) return failed(name, text + way_out);
  if (std::chrono::abs(difference) >= clock_warning) return warning(name, text + way_out);
  return passed(name, text);
}

Check judge_rates(const std::string& where, const net::LineReport& line, const RoundNeeds& round) {
  const std::string name = "line to " + where;
  const double seconds =
      round.up_bytes / line.up_bytes_per_s + round.down_bytes / line.down_bytes_per_s;
  const std::string found =
      fmt::format("{}/s up, {}/s down, round trip {:.1f} ms: {} up and {} down take {} a round",
                  bytes_text(line.up_bytes_per_s), bytes_text(line.down_bytes_per_s),
                  std::chrono::duration<double, std::milli>(line.round_trip).count(),
                  bytes_text(round.up_bytes), bytes_text(round.down_bytes), duration_text(seconds));
  if (round.deadline_s <= 0 || seconds <= transfer_share * round.deadline_s) {
    return passed(name, found);
  }
  const std::string limit =
      fmt::format(", and a round ends after {}", duration_text(round.deadline_s));
  const char* const way_out =
      "; take a faster line, fewer steps a round, or fewer bits (encryption.upload_bits, "
      "download_bits), or raise the deadline (federation.deadline_s)";
  return seconds > round.deadline_s ? failed(name, found + limit + way_out)
                                    : warning(name, found + limit + way_out);
}

}  // namespace

LineChecks check_line(const net::ConnectorOptions& peer, const RoundNeeds& round,
                      const net::LineProbeOptions& options) {
  const std::string where = fmt::format("{}:{}", peer.host, peer.port);
  const auto probe = std::make_shared<net::LineProbe>(options);
  const auto connector = net::Connector::start(peer, probe);
  if (!connector) return {judge_line(where, connector.error(), round), {}};
  const auto measured = probe->measure();
  return {judge_line(where, measured, round), measured ? measured->answer : SharedBytes{}};
}

std::vector<Check> judge_line(const std::string& where, const Result<net::LineReport>& measured,
                              const RoundNeeds& round) {
  const std::string port = "port of " + where;
  if (!measured) return {failed(port, unreachable(measured.error()))};
  const auto& line = *measured;
  std::string who = party_text(line.peer.certificate.identity);
  if (!line.peer.software.empty()) who += ", " + line.peer.software;
  return {passed(port, who), judge_clock(where, line.clock_difference),
          judge_rates(where, line, round)};
}

}  // namespace hippocrypt::cli
