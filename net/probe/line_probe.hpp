#pragma once
// The side that measures: round trip, clock and bandwidth of the line to a peer that answers
// probes.

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "net/link/link.hpp"

namespace hippocrypt::net {

/// A message of the application's that has one answer, for whoever wants to know more than the
/// line.
struct LineQuestion {
  std::uint16_t type = 0, answer_type = 0;
  SharedBytes body;
};

struct LineReport {
  PeerInfo peer;
  std::chrono::microseconds round_trip{};        ///< the shortest of a few
  std::chrono::microseconds clock_difference{};  ///< the peer's clock less ours
  double up_bytes_per_s = 0, down_bytes_per_s = 0;
  SharedBytes answer;  ///< to LineProbeOptions::question
};

struct LineProbeOptions {
  std::chrono::milliseconds reach{15'000};    ///< to get through to the peer
  std::chrono::milliseconds answer{10'000};   ///< for a single answer
  std::chrono::milliseconds each_way{2'000};  ///< of traffic up, and of traffic down
  std::optional<LineQuestion> question;
};

/// Listens to the connector of one link; measure() may be called once.
class LineProbe final : public LinkEvents {
 public:
  explicit LineProbe(const LineProbeOptions& options) : options_{options} {}

  /// Waits for the session, measures and closes it. Errors: unavailable (nobody there, or the
  /// session ended: why), deadline (no answer in time), malformed and unsupported (an answer), and
  /// those of LinkEvents::on_refused.
  Result<LineReport> measure();

  void on_up(const LinkPointer& link) override;
  void on_message(const LinkPointer& link, Inbound inbound) override;
  void on_down(const LinkPointer& link, const Error& reason) override;
  void on_cut(const LinkPointer& link, const Error& reason) override;
  void on_refused(const std::string& address, const Error& reason) override;

 private:
  using Steady = std::chrono::steady_clock;
  struct Answer {
    Steady::time_point at;
    std::chrono::system_clock::time_point our_clock;
    std::optional<std::chrono::system_clock::time_point> clock;
    SharedBytes body;  ///< of an answer to the question
  };

  Result<LinkPointer> wait_for_link();
  Status measure_clock(Link& link, LineReport& report);
  Status ask_question(Link& link, LineReport& report);
  /// Bytes per second with growing messages, two on their way at a time.
  Result<double> measure_rate(Link& link, bool is_up);
  /// The id of the answer to wait for.
  Result<std::uint64_t> ask(Link& link, Lane lane, std::size_t size, std::uint32_t reply_bytes);
  Result<Answer> wait_for(std::uint64_t id);
  std::uint64_t expect_answer();
  void keep_answer(std::uint64_t id, Answer answer);
  void end(Errc code, std::string why);

  const LineProbeOptions options_;
  std::uint64_t next_id_ = 1;  ///< of the measuring thread alone
  std::mutex mutex_;           // guards all below
  std::condition_variable changed_;
  LinkPointer link_;
  std::optional<Error> over_;  ///< why there is no session
  std::set<std::uint64_t> asked_;
  std::map<std::uint64_t, Answer> answers_;
};

}  // namespace hippocrypt::net
