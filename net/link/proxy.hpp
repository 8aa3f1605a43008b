#pragma once
// A tunnel through an HTTP proxy, as hospitals have them at their one way out.

#include <functional>
#include <string>

#include "base/result.hpp"
#include "net/link/tls_stream.hpp"

namespace hippocrypt::net {

struct ProxyAddress {
  std::string host, port;
};

/// Of "http://HOST:PORT", also with a '/' at the end. Errors: out_of_range.
Result<ProxyAddress> parse_proxy(const std::string& text);

/// Asks the proxy behind `socket` for a tunnel to the host; `socket` must stay until `done`. Errors
/// in `done`: unavailable (the proxy refuses: its own words), malformed (it is no proxy).
void ask_for_tunnel(Socket& socket, const std::string& host, std::uint16_t port,
                    std::function<void(Status)> done);

}  // namespace hippocrypt::net
