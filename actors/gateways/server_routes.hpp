#pragma once
// Which requests of a hospital are with which blind server. No actor, no thread, no clock of its
// own: a gateway drives it.

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "net/link/link.hpp"
#include "protocol/core/block_range.hpp"

namespace hippocrypt::actors {

/// Requests go to the server that holds their block, at most `in_flight` at once to each; the
/// others wait for their turn. A request stays until it is answered: when a session ends and
/// another begins, it is sent again, byte for byte. Not thread-safe.
class ServerRoutes {
 public:
  using Clock = std::chrono::steady_clock;
  /// Takes the reply, which is always a frame. Called once.
  using Answer = std::function<void(SharedBytes reply)>;
  struct Server {
    std::string name;             ///< for people, "host:port"
    protocol::BlockRange blocks;  ///< that it holds
  };
  struct Options {
    std::vector<Server> servers;  ///< of blocks that do not overlap
    /// After which a request is answered with an error.
    std::chrono::milliseconds deadline{595'000};
    std::size_t in_flight = 8;
    std::function<void(const std::string&)> note;  ///< hears of servers lost and found
  };

  explicit ServerRoutes(Options options);
  /// Whoever still waits gets an error_reply (unavailable).
  ~ServerRoutes();
  ServerRoutes(const ServerRoutes&) = delete;
  ServerRoutes& operator=(const ServerRoutes&) = delete;

  /// Answers at once with an error_reply when the request is none or no server holds its block.
  void ask(SharedBytes request, Answer answer, Clock::time_point now);
  /// A message of the server, of which only replies to what it was asked count.
  void hear(std::size_t server, const net::LinkPointer& link, const net::Message& message);
  /// Answers what has waited for too long with an error_reply: unavailable where the server is
  /// lost, else deadline.
  void expire(Clock::time_point now);

  void up(std::size_t server, const net::LinkPointer& link);
  void down(std::size_t server, const net::LinkPointer& link, const Error& reason);
  /// The session waits for a connection; nothing need be sent again.
  void cut(std::size_t server, const Error& reason);
  void resumed(std::size_t server);
  /// It could not be reached.
  void refused(std::size_t server, const Error& reason);

  /// Requests without an answer.
  std::size_t waiting() const;

 private:
  struct Pending {
    SharedBytes request;
    Answer answer;
    Clock::time_point until;
    bool is_sent = false;
  };
  struct Line {
    Server server;
    net::LinkPointer link;
    std::map<std::uint64_t, Pending> pending;  ///< by the id of its message: in their order
    std::size_t sent = 0;                      ///< of pending
    bool was_up = false, is_lost = false;
    std::string reason = "not reached yet";  ///< why it is not there
  };
  Line* line_of(std::uint32_t block);
  std::string all_blocks() const;
  void pump(Line& line);
  void lose(Line& line, const Error& reason);
  void find(Line& line);
  void tell(const Line& line, const std::string& text) const;

  const Options options_;
  std::vector<Line> lines_;
  std::uint64_t last_id_ = 0;
};

}  // namespace hippocrypt::actors
