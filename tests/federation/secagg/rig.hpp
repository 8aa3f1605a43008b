#pragma once
// A federation of secure aggregation in one process: hospitals, a collector, and what they say.

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "federation/secagg/aggregator/secagg_collector.hpp"
#include "federation/secagg/client/secagg_client.hpp"

namespace hippocrypt::federation::secagg {

/// Everything a federation has before its first round; the same options give the same bytes.
class Rig {
 public:
  struct Options {
    std::size_t hospitals = 4;
    std::uint32_t colluders = 0;
    std::uint32_t min_contributors = 3;
    bool weighted = false;  ///< weights 1, 2, 3, 1, 2, …
    std::size_t values = 40;
    std::uint32_t value_bits = 16;
    std::uint64_t seed = 1;
  };
  explicit Rig(Options options);

  const Params& params() const { return setup_->params; }
  const CollectorSetup& setup() const { return *setup_; }
  std::size_t size() const { return setup_->roster->size(); }
  const std::string& name(MemberIndex member) const { return (*setup_->roster)[member].name; }
  const std::shared_ptr<const IdentityKey>& identity(MemberIndex member) const {
    return identities_.at(member);
  }
  std::vector<std::string> names() const;
  Members everybody() const;

  std::shared_ptr<const Session> session(std::uint32_t round = 1, std::uint32_t attempt = 1) const;
  /// A client as it is at the start of an attempt; made again it is the same.
  SecAggClient client(MemberIndex member, std::uint32_t round = 1, std::uint32_t attempt = 1) const;
  SecretBytes root(MemberIndex member, std::uint32_t round = 1, std::uint32_t attempt = 1) const;
  std::unique_ptr<Collector> collector() const;

  /// The hospital's update of a round and its words in the ring.
  std::vector<float> update(MemberIndex member, std::uint32_t round = 1) const;
  std::vector<std::uint32_t> encoded(MemberIndex member, std::uint32_t round = 1) const;
  /// The sum of some hospitals' words, in the clear.
  std::vector<std::uint32_t> plain_sum(const Members& members, std::uint32_t round = 1) const;
  std::uint64_t weight_of(const Members& members) const;

 private:
  Options options_;
  std::shared_ptr<const CollectorSetup> setup_;
  std::vector<std::shared_ptr<const IdentityKey>> identities_;
};

/// One attempt played between a collector and clients.
class Play {
 public:
  explicit Play(const Rig& rig, std::uint32_t round = 1, std::uint32_t attempt = 1);

  /// Every hospital that was told something answers it, but those in `silent`, which say nothing
  /// from now on.
  void answer(const Members& silent = {});
  /// Closes the phase and keeps what is to be sent for the next answer().
  PhaseResult close();
  /// answer() and close(), which must not be void, `phases` times.
  void advance(int phases);

  /// What the hospital answers to a message; updates are the rig's.
  std::optional<RoundMessage> reply(const Outgoing& outgoing);
  RoundMessage said_by(MemberIndex member, RoundMessageKind kind, Bytes body) const;

  Collector& collector() { return *collector_; }
  void replace_collector(std::unique_ptr<Collector> collector) {
    collector_ = std::move(collector);
  }
  SecAggClient& client(MemberIndex member) { return clients_.at(member); }
  void replace_client(MemberIndex member, SecAggClient client) {
    clients_.at(member) = std::move(client);
  }
  const std::vector<Outgoing>& pending() const { return pending_; }
  void set_pending(std::vector<Outgoing> pending) { pending_ = std::move(pending); }
  /// The body that is to be sent to a hospital.
  const Bytes& pending_for(MemberIndex member) const;
  /// All that the aggregator heard.
  const std::vector<RoundMessage>& transcript() const { return transcript_; }
  const std::vector<JournalEntry>& journal() const { return journal_; }

 private:
  const Rig& rig_;
  std::uint32_t round_, attempt_;
  std::unique_ptr<Collector> collector_;
  std::vector<SecAggClient> clients_;
  std::vector<Outgoing> pending_;
  Members silent_;
  bool advertised_ = false;
  std::vector<RoundMessage> transcript_;
  std::vector<JournalEntry> journal_;
};

}  // namespace hippocrypt::federation::secagg
