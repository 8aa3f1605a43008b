#include "net/probe/line_probe.hpp"

#include <algorithm>
#include <deque>
#include <vector>

#include "net/probe/probe_messages.hpp"

namespace hippocrypt::net {
namespace {

constexpr int round_trips = 5;
constexpr std::size_t first_message_bytes = std::size_t{64} << 10;
/// A message that takes less than this is followed by one of twice the size.
constexpr std::chrono::milliseconds quick{100};

struct Arrival {
  std::chrono::steady_clock::time_point at;
  double bytes;  ///< since the start
};

/// Bytes per second without the first half of the time, in which the line warms up.
double rate_of(const std::vector<Arrival>& arrived) {
  const auto half = arrived.front().at + (arrived.back().at - arrived.front().at) / 2;
  std::size_t from = 0;
  while (from + 2 < arrived.size() && arrived[from + 1].at <= half) ++from;
  const std::chrono::duration<double> took = arrived.back().at - arrived[from].at;
  return (arrived.back().bytes - arrived[from].bytes) / std::max(took.count(), 1e-6);
}

}  // namespace

Result<LineReport> LineProbe::measure() {
  HIPPOCRYPT_TRY(const LinkPointer link, wait_for_link());
  LineReport report;
  report.peer = link->peer();
  const auto measured = [&]() -> Status {
    HIPPOCRYPT_TRY_VOID(measure_clock(*link, report));
    HIPPOCRYPT_TRY_VOID(ask_question(*link, report));
    HIPPOCRYPT_TRY(report.up_bytes_per_s, measure_rate(*link, true));
    HIPPOCRYPT_TRY(report.down_bytes_per_s, measure_rate(*link, false));
    return {};
  }();
  link->close("the line has been measured");
  {
    const std::lock_guard lock{mutex_};
    link_.reset();
  }
  HIPPOCRYPT_TRY_VOID(measured);
  return report;
}

Result<LinkPointer> LineProbe::wait_for_link() {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, options_.reach, [&] { return link_ != nullptr || over_; });
  if (over_) return *over_;
  if (link_ != nullptr) return link_;
  return Error{Errc::unavailable,
               "there was no answer for " + std::to_string(options_.reach.count()) + " ms"};
}

Status LineProbe::measure_clock(Link& link, LineReport& report) {
  report.round_trip = std::chrono::microseconds::max();
  for (int i = 0; i < round_trips; ++i) {
    const auto start = Steady::now();
    HIPPOCRYPT_TRY(const auto id, ask(link, Lane::control, min_probe_bytes, 0));
    HIPPOCRYPT_TRY(const Answer answer, wait_for(id));
    const auto trip = std::chrono::duration_cast<std::chrono::microseconds>(answer.at - start);
    if (!answer.clock) return Error{Errc::malformed, "the peer did not tell its clock"};
    if (trip >= report.round_trip) continue;
    report.round_trip = trip;
    report.clock_difference = std::chrono::duration_cast<std::chrono::microseconds>(
        *answer.clock + trip / 2 - answer.our_clock);
  }
  return {};
}

Result<double> LineProbe::measure_rate(Link& link, bool is_up) {
  struct Sent {
    std::uint64_t id;
    std::size_t bytes;
    Steady::time_point at;
  };
  std::deque<Sent> on_their_way;
  const auto start = Steady::now();
  std::vector<Arrival> arrived{{start, 0}};
  std::size_t size = first_message_bytes;
  do {
    while (on_their_way.size() < 2 && Steady::now() < start + options_.each_way) {
      const auto at = Steady::now();
      HIPPOCRYPT_TRY(const auto id, is_up ? ask(link, Lane::data, size, 0)
                                          : ask(link, Lane::data, min_probe_bytes,
                                                static_cast<std::uint32_t>(size)));
      on_their_way.push_back({id, size, at});
    }
    const Sent sent = on_their_way.front();
    on_their_way.pop_front();
    HIPPOCRYPT_TRY(const Answer answer, wait_for(sent.id));
    arrived.push_back({answer.at, arrived.back().bytes + static_cast<double>(sent.bytes)});
    if (answer.at - sent.at < quick && size < max_probe_bytes) size *= 2;
  } while (!on_their_way.empty() || Steady::now() < start + options_.each_way);
  return rate_of(arrived);
}

Status LineProbe::ask_question(Link& link, LineReport& report) {
  if (!options_.question) return {};
  const std::uint64_t id = expect_answer();
  HIPPOCRYPT_TRY_VOID(
      link.send(Lane::data, {options_.question->type, id, options_.question->body}));
  HIPPOCRYPT_TRY(Answer answer, wait_for(id));
  report.answer = std::move(answer.body);
  return {};
}

Result<std::uint64_t> LineProbe::ask(Link& link, Lane lane, std::size_t size,
                                     std::uint32_t reply_bytes) {
  const std::uint64_t id = expect_answer();
  HIPPOCRYPT_TRY_VOID(link.send(lane, {probe_type, id, encode_probe({reply_bytes}, size)}));
  return id;
}

std::uint64_t LineProbe::expect_answer() {
  const std::uint64_t id = next_id_++;
  const std::lock_guard lock{mutex_};
  asked_.insert(id);
  return id;
}

Result<LineProbe::Answer> LineProbe::wait_for(std::uint64_t id) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, options_.answer, [&] { return answers_.count(id) != 0 || over_; });
  if (const auto found = answers_.find(id); found != answers_.end()) {
    const Answer answer = found->second;
    answers_.erase(found);
    return answer;
  }
  if (over_) return *over_;
  return Error{Errc::deadline,
               "the peer did not answer for " + std::to_string(options_.answer.count()) +
                   " ms; the line is too slow, or the peer's program older than this one"};
}

void LineProbe::on_up(const LinkPointer& link) {
  const std::lock_guard lock{mutex_};
  if (link_ == nullptr) link_ = link;
  changed_.notify_all();
}

void LineProbe::on_message(const LinkPointer& /*link*/, Inbound inbound) {
  const Message& message = inbound.message;
  Answer answer{Steady::now(), std::chrono::system_clock::now(), std::nullopt, {}};
  if (options_.question && message.type == options_.question->answer_type) {
    answer.body = message.body;
  } else if (message.type == probe_reply_type) {
    const auto clock = decode_reply(message.body ? *message.body : ByteView{});
    if (!clock) return end(clock.error().code, clock.error().detail);
    answer.clock = *clock;
  } else {
    return;  // the application greets its peers
  }
  keep_answer(message.id, std::move(answer));
}

void LineProbe::keep_answer(std::uint64_t id, Answer answer) {
  const std::lock_guard lock{mutex_};
  if (asked_.erase(id) == 1) answers_[id] = std::move(answer);
  changed_.notify_all();
}

void LineProbe::on_down(const LinkPointer& /*link*/, const Error& reason) {
  end(Errc::unavailable, "the session ended: " + reason.detail);
}

void LineProbe::on_cut(const LinkPointer& /*link*/, const Error& reason) {
  end(Errc::unavailable, "the connection broke: " + reason.detail);
}

void LineProbe::on_refused(const std::string& /*address*/, const Error& reason) {
  end(reason.code, reason.detail);
}

void LineProbe::end(Errc code, std::string why) {
  const std::lock_guard lock{mutex_};
  if (!over_) over_ = Error{code, std::move(why)};
  changed_.notify_all();
}

}  // namespace hippocrypt::net
