#pragma once
// The aggregator's side of one attempt of secure aggregation (Bonawitz et al. 2017, figure 4, with
// the consistency round): it learns the sum of the updates and who is in it.
//
// Five phases, each closed by close_phase: keys, shares, masked updates, signatures on the
// survivors, opened shares. What hospitals accept once only (the key book, the share books, the
// survivors) is persisted before it is sent. A masked update enters a running sum and is forgotten;
// so after a crash before the survivors were persisted, masked updates are asked for again, and
// hospitals resend the same bytes.

#include "federation/aggregator/collector.hpp"
#include "federation/secagg/aggregator/attempt_journal.hpp"

namespace hippocrypt::federation::secagg {

/// One federation's; the same for every attempt.
struct CollectorSetup {
  Params params;
  std::shared_ptr<const Roster> roster;
  std::string run;              ///< its name: part of every key
  std::size_t value_count = 0;  ///< of an update
  std::size_t threads = 1;      ///< for unmasking
};

/// A fresh SecAggCollector an attempt. Errors: mismatch (params and roster do not belong together).
Result<CollectorFactory> secagg_collectors(CollectorSetup setup);

class SecAggCollector final : public Collector {
 public:
  /// Params and roster belong together (secagg_collectors checks it).
  explicit SecAggCollector(std::shared_ptr<const CollectorSetup> setup);

  /// Participants are names of the roster. Returns nothing: hospitals advertise their keys as soon
  /// as they hear of the round.
  std::vector<Outgoing> begin(std::uint32_t round, std::uint32_t attempt,
                              const std::vector<std::string>& participants) override;
  Status restore(std::uint32_t round, std::uint32_t attempt,
                 const std::vector<std::string>& participants,
                 std::span<const JournalEntry> entries) override;

  /// Errors: stale (there already, or its phase is over), mismatch (another attempt; a kind that
  /// this hospital cannot send now; another masked update than before; not what was asked for),
  /// tampered (keys without the owner's signature, of low order or another's; a signature on
  /// something else), and those of the decoders (messages.hpp).
  Status receive(RoundMessage message) override;

  std::set<std::string> awaited() const override;
  PhaseKind phase() const override;
  std::vector<std::string> contributors() const override;
  bool can_go_on() const override;
  PhaseResult close_phase() override;
  std::vector<Outgoing> remind(const std::string& hospital) const override;
  std::string note() const override { return note_; }
  Result<Contributions> take() override;

 private:
  enum class Stage : std::uint8_t { keys, shares, updates, signatures, opening, done };

  Status receive_advert(MemberIndex from, ByteView body);
  Status receive_bundle(MemberIndex from, ByteView body);
  Status receive_signature(MemberIndex from, ByteView body);
  Status receive_opened(MemberIndex from, ByteView body);
  Members missing() const;
  std::size_t arrived() const;
  std::size_t needed() const;

  PhaseResult close_keys();
  PhaseResult close_shares();
  PhaseResult close_updates();
  PhaseResult close_signatures();
  PhaseResult close_opening();
  Status restore_entry(const JournalEntry& entry);
  void enter_shares(KeyBook book, Bytes body);
  void enter_updates(Bundles bundles);
  void enter_signatures();
  Bytes share_book_for(MemberIndex member) const;
  Bytes signature_book() const;

  const std::string& name_of(MemberIndex member) const;
  std::vector<std::string> names_of(const Members& members) const;
  Outgoing outgoing(MemberIndex to, RoundMessageKind kind, Bytes body) const;
  JournalEntry entry(JournalKind kind, Bytes body) const;

  std::shared_ptr<const CollectorSetup> setup_;
  std::shared_ptr<const Session> session_;
  Stage stage_ = Stage::keys;
  Members participants_;
  std::set<PublicKey> public_keys_;  ///< of all adverts: each may come once
  KeyBook key_book_;
  Bytes key_book_body_;
  Hash256 key_book_hash_{};
  Bundles bundles_;
  Members sharers_;
  MaskedSum sum_{0};
  Members survivors_;
  std::map<MemberIndex, Signature> signatures_;
  Members signers_;  ///< who is asked to open shares
  std::map<MemberIndex, UnmaskShares> opened_;
  std::vector<float> mean_;
  std::string note_;
};

}  // namespace hippocrypt::federation::secagg
