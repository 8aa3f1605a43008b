#pragma once
// What a simulated hospital says in secure aggregation, by the real client. Its root, the messages
// that it got and its masked update are durable: after a restart the client is made anew of them.

#include <memory>
#include <optional>
#include <vector>

#include "federation/common/round_messages.hpp"
#include "federation/secagg/aggregator/secagg_collector.hpp"
#include "federation/secagg/client/secagg_client.hpp"
#include "tests/federation/simulator/scenario.hpp"

namespace hippocrypt::federation::simulator {

/// What all parties of a simulated federation know of each other, and the hospitals' keys.
struct SecAggWorld {
  explicit SecAggWorld(const Scenario& scenario);
  secagg::CollectorSetup setup;
  std::vector<std::shared_ptr<const secagg::IdentityKey>> identities;
};

class SecAggTalk {
 public:
  SecAggTalk(std::shared_ptr<const SecAggWorld> world, std::uint64_t seed, std::uint32_t index);

  /// The round's start has come, perhaps again; its answer.
  RoundMessage begin(std::uint32_t round, std::uint32_t attempt);
  /// The answer to a message of the attempt, if it has one.
  std::optional<RoundMessage> hear(const RoundMessage& message);
  /// The masked update; nothing before the share book has come.
  std::optional<RoundMessage> mask(const std::vector<float>& values);
  void restart() { client_.reset(); }

 private:
  struct Journal {
    std::uint32_t round = 0, attempt = 0;
    Bytes key_book, share_book, masked, survivors;
  };
  void rebuild();
  RoundMessage said(RoundMessageKind kind, Bytes body) const;

  std::shared_ptr<const SecAggWorld> world_;
  std::uint64_t seed_;
  std::uint32_t index_;
  std::string name_;
  Journal journal_;
  std::optional<secagg::SecAggClient> client_;
};

}  // namespace hippocrypt::federation::simulator
