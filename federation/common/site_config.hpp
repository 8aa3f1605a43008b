#pragma once
// What one party's TOML file says about it in a real federation: plain values, checked by
// cli/config before any work starts. What all parties have in common stands in the federation's own
// file.

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "protocol/core/block_range.hpp"

namespace hippocrypt::federation {

enum class PartyRole : std::uint8_t { hospital = 0, server = 1, aggregator = 2 };
const char* to_string(PartyRole role);

/// Where a hospital's hints come from: from the weights where they are here and are the server's,
/// and else from the server; or from one of both only.
enum class HintSource : std::uint8_t { automatic = 0, download = 1, compute = 2 };
/// "auto", "download" or "compute".
const char* to_string(HintSource source);

/// PEM files.
struct TlsConfig {
  std::filesystem::path authority;    ///< certificate of the federation's authority
  std::filesystem::path certificate;  ///< the party's own
  std::filesystem::path key;          ///< of its certificate
  std::filesystem::path revoked;      ///< revocation list; empty: none
};

/// Whom a hospital reaches out to.
struct PeerConfig {
  std::string host;
  std::uint16_t port = 0;
  std::string server_name;  ///< DNS name that the peer's certificate must hold; empty: the host
  std::string proxy;        ///< "http://HOST:PORT"; empty: none
};

struct BlindServerPeer {
  PeerConfig peer;
  protocol::BlockRange blocks;  ///< that it multiplies by; all of them where the file gives none
};

struct HospitalSite {
  std::filesystem::path notes;   ///< JSONL
  std::filesystem::path folder;  ///< where the hospital keeps its state
  /// The key that it signs messages of secure aggregation and its budget with.
  std::filesystem::path signing_key;
  double budget = std::numeric_limits<double>::quiet_NaN();  ///< NaN: the federation's file
  bool report_budget = false;  ///< tell the aggregator, signed, at the end what was spent
  std::uint64_t hint_cache_bytes = std::numeric_limits<std::uint64_t>::max();  ///< on its disk
  HintSource hint_source = HintSource::automatic;
  PeerConfig aggregator;
  std::vector<BlindServerPeer> servers;
};

struct ListenConfig {
  std::string address = "0.0.0.0";
  std::uint16_t port = 0;  ///< 0: any free one
};

struct AggregatorSite {
  ListenConfig listen;
  std::filesystem::path certificates;  ///< folder of the hospitals': who may come in
  std::filesystem::path runs;          ///< run folders go here
};

struct ServedModel {
  std::filesystem::path path;
  protocol::BlockRange blocks;  ///< that this server multiplies by
};

struct ServerLimits {
  std::uint32_t sessions = 256;                         ///< of hospitals at once
  std::uint32_t queue = 8;                              ///< requests of one hospital at once
  double messages_per_s = 1000;                         ///< of one hospital
  std::uint64_t memory_bytes = std::uint64_t{4} << 30;  ///< of all their requests
};

struct ServerSite {
  ListenConfig listen;
  std::filesystem::path certificates;  ///< folder of the hospitals'; empty: all of the federation
  std::vector<ServedModel> models;
  ServerLimits limits;
};

/// Of the three last parts only the role's own is filled in.
struct SiteFile {
  PartyRole role = PartyRole::hospital;
  std::string name;
  std::filesystem::path federation;  ///< the federation's file
  TlsConfig tls;
  HospitalSite hospital;
  AggregatorSite aggregator;
  ServerSite server;
};

}  // namespace hippocrypt::federation
