#pragma once
// GET /metrics over HTTP/1.1 on the loopback address.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace hippocrypt::net {

struct MetricsServerOptions {
  std::uint16_t port = 0;                   ///< 0: any free one
  std::size_t max_connections = 16;         ///< one more closes the oldest
  std::size_t max_request_bytes = 8192;     ///< of a request's head; a body is refused
  std::chrono::milliseconds timeout{5000};  ///< of a connection, all in all
};

/// Serves from its construction to its end, on a thread of its own.
class MetricsServer {
 public:
  /// `page` makes the body; it is called on the server's thread, and no longer once the server is
  /// gone. Errors: unavailable (the port is taken, or may not be used).
  static Result<std::unique_ptr<MetricsServer>> start(const MetricsServerOptions& options,
                                                      std::function<std::string()> page);
  /// Closes all connections and waits for the thread.
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  /// Where it listens.
  std::uint16_t port() const;

 private:
  class Listener;
  explicit MetricsServer(std::unique_ptr<Listener> listener);
  std::unique_ptr<Listener> listener_;
};

}  // namespace hippocrypt::net
