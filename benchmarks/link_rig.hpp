#pragma once
// Two ends of a link on loopback, and the same bytes through OpenSSL alone, for link_bench.cpp.

#include <openssl/ssl.h>

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include "base/random.hpp"
#include "net/link/endpoints.hpp"
#include "net/provision/authority.hpp"

namespace hippocrypt::bench {

/// An authority, an aggregator, a hospital and a blind server, in a folder that goes with it.
class LinkParties {
 public:
  LinkParties();
  ~LinkParties();
  LinkParties(const LinkParties&) = delete;
  LinkParties& operator=(const LinkParties&) = delete;

  const net::TlsFiles& aggregator() const { return aggregator_; }
  const net::TlsFiles& hospital() const { return hospital_; }
  const net::TlsFiles& server() const { return server_; }

 private:
  net::TlsFiles make(const net::Authority& authority, net::Role role);

  std::filesystem::path folder_;
  SystemRandom random_;
  net::TlsFiles aggregator_, hospital_, server_;
};

/// Options of both ends on loopback.
net::ListenerOptions serving(const net::TlsFiles& files, std::size_t block_bytes);
net::ConnectorOptions reaching(const net::TlsFiles& files, std::uint16_t port,
                               std::size_t block_bytes);

/// Counts on one thread what another waits for.
class Arrivals {
 public:
  void add();
  /// Until so many have come since the last call.
  void wait(std::size_t count);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t count_ = 0;
};

/// Counts what comes, answers control messages if it `echoes`, and waits.
class LinkCounter final : public net::LinkEvents {
 public:
  explicit LinkCounter(bool echoes) : echoes_{echoes} {}
  void on_up(const net::LinkPointer& link) override;
  void on_message(const net::LinkPointer& link, net::Inbound message) override;
  void on_down(const net::LinkPointer& link, const Error& reason) override;

  net::LinkPointer link();
  Arrivals& arrivals() { return arrivals_; }

 private:
  const bool echoes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  net::LinkPointer link_;
  Arrivals arrivals_;
};

struct LinkPair {
  LinkPair(const LinkParties& parties, std::size_t block_bytes);

  std::shared_ptr<LinkCounter> down = std::make_shared<LinkCounter>(false);  ///< at the hospital
  std::shared_ptr<LinkCounter> up = std::make_shared<LinkCounter>(true);     ///< at the aggregator
  std::unique_ptr<net::Listener> listener;
  std::unique_ptr<net::Connector> connector;
};

/// SSL_write and SSL_read of pieces on two threads, the same certificates and cipher.
class RawPair {
 public:
  explicit RawPair(const LinkParties& parties);
  ~RawPair();
  RawPair(const RawPair&) = delete;
  RawPair& operator=(const RawPair&) = delete;

  /// Until all of it has been read.
  void transfer(const Bytes& piece, std::size_t pieces);

 private:
  void read_all();

  std::shared_ptr<SSL> client_, server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t wanted_ = 0, piece_bytes_ = 0;
  bool is_over_ = false;
  std::thread reader_;
};

}  // namespace hippocrypt::bench
