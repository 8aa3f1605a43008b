#pragma once
// From what a party's file says to the options of its listener or its connections.

#include "federation/common/site_config.hpp"
#include "net/link/endpoints.hpp"

namespace hippocrypt::cli {

net::TlsFiles tls_files(const federation::TlsConfig& tls);
net::ListenerOptions listener_options(const federation::TlsConfig& tls,
                                      const federation::ListenConfig& listen);
/// To a peer that must have `role`.
net::ConnectorOptions connector_options(const federation::TlsConfig& tls,
                                        const federation::PeerConfig& peer, net::Role role);

}  // namespace hippocrypt::cli
