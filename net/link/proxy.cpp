#include "net/link/proxy.hpp"

#include <algorithm>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <memory>

#include "net/identity/subject_names.hpp"

namespace hippocrypt::net {
namespace {

constexpr std::size_t most_answer_bytes = 8192;

bool is_port(const std::string& text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port > 0;
}

/// The answer up to its empty line. Nothing may follow: the server behind says nothing first.
Status judge(const std::string& answer, std::size_t length) {
  const std::string line = answer.substr(0, answer.find("\r\n"));
  const bool is_http = line.rfind("HTTP/1.", 0) == 0 && line.size() > 12;
  if (!is_http || length != answer.size()) {
    return Error{Errc::malformed, "what answers at the proxy's address is no HTTP proxy"};
  }
  if (line[9] == '2') return {};
  std::string words = line.substr(9, 80);
  std::replace_if(
      words.begin(), words.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return Error{Errc::unavailable, "the proxy refuses the connection: " + words};
}

}  // namespace

Result<ProxyAddress> parse_proxy(const std::string& text) {
  const std::string start = "http://";
  std::string rest = text.rfind(start, 0) == 0 ? text.substr(start.size()) : "";
  if (!rest.empty() && rest.back() == '/') rest.pop_back();
  const auto colon = rest.rfind(':');
  ProxyAddress address;
  if (colon != std::string::npos) address = {rest.substr(0, colon), rest.substr(colon + 1)};
  if (address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  if (is_port(address.port) && (is_dns_name(address.host) || is_address(address.host))) {
    return address;
  }
  return Error{Errc::out_of_range, "'" + text + "' is no proxy; it is given as http://HOST:PORT"};
}

void ask_for_tunnel(Socket& socket, const std::string& host, std::uint16_t port,
                    std::function<void(Status)> done) {
  const bool is_v6 = host.find(':') != std::string::npos;
  const std::string target = (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
  const auto text = std::make_shared<std::string>("CONNECT " + target +
                                                  " HTTP/1.1\r\nHost: " + target + "\r\n\r\n");
  const auto failed = [done](ErrorCode error) {
    done(Error{Errc::unavailable, "the proxy closed the connection: " + error.message()});
  };
  asio::async_write(
      socket, asio::buffer(*text), [&socket, text, done, failed](ErrorCode error, std::size_t) {
        if (error) return failed(error);
        text->clear();
        asio::async_read_until(socket, asio::dynamic_buffer(*text, most_answer_bytes), "\r\n\r\n",
                               [text, done, failed](ErrorCode read_error, std::size_t length) {
                                 if (read_error) return failed(read_error);
                                 done(judge(*text, length));
                               });
      });
}

}  // namespace hippocrypt::net
