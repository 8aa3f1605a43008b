#include "cli/network/site_endpoints.hpp"

namespace hippocrypt::cli {

net::TlsFiles tls_files(const federation::TlsConfig& tls) {
  return {tls.authority, tls.certificate, tls.key, tls.revoked};
}

net::ListenerOptions listener_options(const federation::TlsConfig& tls,
                                      const federation::ListenConfig& listen) {
  net::ListenerOptions options;
  options.tls = tls_files(tls);
  options.address = listen.address;
  options.port = listen.port;
  return options;
}

net::ConnectorOptions connector_options(const federation::TlsConfig& tls,
                                        const federation::PeerConfig& peer, net::Role role) {
  net::ConnectorOptions options;
  options.tls = tls_files(tls);
  options.host = peer.host;
  options.port = peer.port;
  options.role = role;
  options.server_name = peer.server_name;
  options.proxy = peer.proxy;
  return options;
}

}  // namespace hippocrypt::cli
