#include "actors/processes/server_process.hpp"

#include <caf/all.hpp>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "actors/actor_threads.hpp"
#include "actors/blind_server.hpp"
#include "actors/gateways/product_ingress.hpp"
#include "net/identity/certificate_folder.hpp"

namespace hippocrypt::actors {
namespace {

constexpr std::chrono::milliseconds look_every{100};

/// Serial numbers are the authority's: no two of its certificates share one.
Result<std::set<std::string>> read_serials(const std::filesystem::path& folder) {
  HIPPOCRYPT_TRY(const auto certificates, net::hospital_certificates(folder));
  std::set<std::string> serials;
  for (const auto& certificate : certificates) serials.insert(certificate.facts.serial);
  return serials;
}

/// Who may come in; the certificates can change while the server runs.
class AllowList {
 public:
  static Result<std::shared_ptr<AllowList>> create(const ServerProcessOptions& options) {
    auto list = std::make_shared<AllowList>();
    list->hospitals_ = {options.hospitals.begin(), options.hospitals.end()};
    list->certificates_ = options.certificates;
    HIPPOCRYPT_TRY_VOID(list->reload());
    return list;
  }
  Status reload() {
    if (certificates_.empty()) return {};
    HIPPOCRYPT_TRY(auto serials, read_serials(certificates_));
    const std::lock_guard lock{mutex_};
    serials_ = std::move(serials);
    return {};
  }
  Status admit(const net::PeerInfo& peer) const {
    const auto& identity = peer.certificate.identity;
    if (identity.role != net::Role::hospital || !hospitals_.contains(identity.name)) {
      return Error{Errc::mismatch,
                   net::to_uri(identity) + " is no hospital of this server's federation file"};
    }
    const std::lock_guard lock{mutex_};
    if (certificates_.empty() || serials_.contains(peer.certificate.serial)) return {};
    return Error{Errc::mismatch, "the certificate of " + net::to_uri(identity) +
                                     " is not among those in " + certificates_.string()};
  }

 private:
  std::set<std::string> hospitals_;
  std::filesystem::path certificates_;
  mutable std::mutex mutex_;
  std::set<std::string> serials_;
};

/// The actors and the listener; ends them when it dies.
class Serving {
 public:
  Serving(caf::actor_system& system, const ServerProcessOptions& options)
      : blind_{system.spawn<caf::detached>(blind_server, options.service)},
        ingress_{system.spawn(product_ingress, std::make_shared<IngressOptions>(IngressOptions{
                                                   blind_, 2 * BlindServerState::max_batch,
                                                   options.counters, options.log}))} {}
  ~Serving() {
    listener_.reset();
    caf::anon_send_exit(ingress_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(blind_, caf::exit_reason::user_shutdown);
  }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

  Status listen(net::ListenerOptions options, const std::shared_ptr<AllowList>& allowed) {
    options.admit = [allowed](const net::PeerInfo& peer) { return allowed->admit(peer); };
    HIPPOCRYPT_TRY(listener_,
                   net::Listener::start(std::move(options), std::make_shared<LinkRelay>(ingress_)));
    return {};
  }
  net::Listener& listener() { return *listener_; }
  /// Waits until all is sent and every session is over, but for so long at most.
  void stop(caf::scoped_actor& self, std::chrono::seconds patience) {
    self->request(ingress_, patience, stop_atom::value)
        .receive([](stop_atom) {}, [](const caf::error&) {});
  }

 private:
  BlindServerActor blind_;
  ProductIngressActor ingress_;
  std::unique_ptr<net::Listener> listener_;
};

void reload(const ServerProcessOptions& options, Serving& serving, AllowList& allowed) {
  Status status = allowed.reload();
  if (status) status = serving.listener().reload();  // whom the list refuses now ends
  if (!options.log) return;
  options.log(status ? "certificates and revocation list were read again"
                     : "certificates stay as they were: " + to_string(status.error()));
}

}  // namespace

Status run_server(const ServerProcessOptions& options) {
  HIPPOCRYPT_CHECK(options.service != nullptr && options.stop != nullptr);
  HIPPOCRYPT_TRY(const auto allowed, AllowList::create(options));
  caf::actor_system_config config;
  caf::actor_system system{with_few_threads(config)};  // waits for its actors when it dies
  caf::scoped_actor self{system};
  Serving serving{system, options};
  HIPPOCRYPT_TRY_VOID(serving.listen(options.listen, allowed));
  if (options.on_listening) options.on_listening(serving.listener().port());
  while (!*options.stop) {
    if (options.reload != nullptr && options.reload->exchange(false)) {
      reload(options, serving, *allowed);
    }
    std::this_thread::sleep_for(look_every);
  }
  if (options.log) options.log("stopping: what is being computed is finished");
  serving.stop(self, options.patience);
  return {};
}

}  // namespace hippocrypt::actors
