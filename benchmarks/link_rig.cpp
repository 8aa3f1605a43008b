#include "benchmarks/link_rig.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.hpp"
#include "base/file.hpp"

namespace hippocrypt::bench {
namespace {

using std::chrono::system_clock;

std::shared_ptr<SSL> make_ssl(const net::TlsFiles& files, int fd) {
  const std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_method()), &SSL_CTX_free};
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_use_certificate_file(context.get(), files.certificate.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM);
  const std::shared_ptr<SSL> ssl{SSL_new(context.get()), &SSL_free};
  SSL_set_fd(ssl.get(), fd);
  return ssl;
}

}  // namespace

LinkParties::LinkParties() {
  std::string pattern = (std::filesystem::temp_directory_path() / "hippocrypt.XXXXXX").string();
  HIPPOCRYPT_CHECK(::mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;
  const auto authority = net::Authority::create(
      folder_ / "ca", "bench", 2, system_clock::now() - std::chrono::hours{1}, random_);
  aggregator_ = make(authority.value(), net::Role::aggregator);
  hospital_ = make(authority.value(), net::Role::hospital);
  server_ = make(authority.value(), net::Role::server);
}

LinkParties::~LinkParties() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

net::TlsFiles LinkParties::make(const net::Authority& authority, net::Role role) {
  const std::string name = net::to_string(role);
  const net::TlsFiles files{authority.certificate_path(), folder_ / (name + ".crt"),
                            folder_ / (name + ".key"), authority.revoked_path()};
  net::SubjectNames names;
  names.identity = {"bench", role, name};
  if (role == net::Role::hospital) {
    names.signing_key.emplace();
  } else {
    names.addresses = {"127.0.0.1"};
    names.dns_names = {"localhost"};
  }
  const auto key = net::KeyPair::load_or_create(files.key, random_);
  const auto text = net::make_request(names, key.value());
  const auto request = net::read_request(as_bytes(text.value()));
  const auto issued = authority.sign(request.value(), std::nullopt, system_clock::now(), random_);
  HIPPOCRYPT_CHECK(
      write_file_atomically(files.certificate, as_bytes(issued.value().pem)).has_value());
  return files;
}

net::ListenerOptions serving(const net::TlsFiles& files, std::size_t block_bytes) {
  net::ListenerOptions options;
  options.tls = files;
  options.address = "127.0.0.1";
  options.limits.block_bytes = block_bytes;
  options.messages_per_s = 0;
  return options;
}

net::ConnectorOptions reaching(const net::TlsFiles& files, std::uint16_t port,
                               std::size_t block_bytes) {
  net::ConnectorOptions options;
  options.tls = files;
  options.host = "127.0.0.1";
  options.port = port;
  options.limits.block_bytes = block_bytes;
  return options;
}

void Arrivals::add() {
  const std::lock_guard lock{mutex_};
  ++count_;
  changed_.notify_all();
}

void Arrivals::wait(std::size_t count) {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return count_ >= count; });
  count_ -= count;
}

void LinkCounter::on_up(const net::LinkPointer& link) {
  const std::lock_guard lock{mutex_};
  link_ = link;
  changed_.notify_all();
}

void LinkCounter::on_message(const net::LinkPointer& link, net::Inbound message) {
  if (echoes_ && message.lane == net::Lane::control) {
    HIPPOCRYPT_CHECK(link->send(net::Lane::control, message.message).has_value());
    return;
  }
  message = {};
  arrivals_.add();
}

void LinkCounter::on_down(const net::LinkPointer& /*link*/, const Error& reason) {
  HIPPOCRYPT_CHECK(reason.code == Errc::cancelled, to_string(reason));
}

net::LinkPointer LinkCounter::link() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return link_ != nullptr; });
  return link_;
}

LinkPair::LinkPair(const LinkParties& parties, std::size_t block_bytes) {
  listener = net::Listener::start(serving(parties.aggregator(), block_bytes), up).value();
  connector =
      net::Connector::start(reaching(parties.hospital(), listener->port(), block_bytes), down)
          .value();
  (void)up->link();
  (void)down->link();
}

RawPair::RawPair(const LinkParties& parties) {
  const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  HIPPOCRYPT_CHECK(::bind(listening, generic, size) == 0 && ::listen(listening, 1) == 0);
  HIPPOCRYPT_CHECK(::getsockname(listening, generic, &size) == 0);
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  HIPPOCRYPT_CHECK(::connect(client, generic, size) == 0);
  const int server = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
  ::close(listening);
  client_ = make_ssl(parties.hospital(), client);
  server_ = make_ssl(parties.aggregator(), server);
  reader_ = std::thread{[this] { read_all(); }};
  HIPPOCRYPT_CHECK(SSL_connect(client_.get()) == 1);
}

RawPair::~RawPair() {
  {
    const std::lock_guard lock{mutex_};
    is_over_ = true;
  }
  changed_.notify_all();
  reader_.join();
  ::close(SSL_get_fd(client_.get()));
  ::close(SSL_get_fd(server_.get()));
}

void RawPair::transfer(const Bytes& piece, std::size_t pieces) {
  {
    const std::lock_guard lock{mutex_};
    wanted_ = piece.size() * pieces;
    piece_bytes_ = piece.size();
  }
  changed_.notify_all();
  for (std::size_t i = 0; i < pieces; ++i) {
    HIPPOCRYPT_CHECK(SSL_write(client_.get(), piece.data(), static_cast<int>(piece.size())) > 0);
  }
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return wanted_ == 0; });
}

void RawPair::read_all() {
  HIPPOCRYPT_CHECK(SSL_accept(server_.get()) == 1);
  Bytes buffer;
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [&] { return is_over_ || wanted_ > 0; });
    if (is_over_) return;
    std::size_t left = wanted_;
    buffer.resize(piece_bytes_);
    lock.unlock();
    while (left > 0) {
      const int got = SSL_read(server_.get(), buffer.data(), static_cast<int>(buffer.size()));
      HIPPOCRYPT_CHECK(got > 0);
      left -= static_cast<std::size_t>(got);
    }
    lock.lock();
    wanted_ = 0;
    changed_.notify_all();
  }
}

}  // namespace hippocrypt::bench
