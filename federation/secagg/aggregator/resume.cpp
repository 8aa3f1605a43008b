// How an attempt goes on: after a crash of the aggregator, and for a hospital that has come back.

#include "federation/secagg/aggregator/secagg_collector.hpp"

namespace hippocrypt::federation::secagg {
namespace {

Error out_of_order() {
  return {Errc::malformed, "the journal's entries of secure aggregation are not in their order"};
}

}  // namespace

Status SecAggCollector::restore(std::uint32_t round, std::uint32_t attempt,
                                const std::vector<std::string>& participants,
                                std::span<const JournalEntry> entries) {
  begin(round, attempt, participants);
  for (const JournalEntry& entry : entries) {
    if (entry.round != round || entry.attempt != attempt) {
      return Error{Errc::mismatch,
                   "the journal's entries of secure aggregation are of another "
                   "attempt than the one to resume"};
    }
    HIPPOCRYPT_TRY_VOID(restore_entry(entry));
  }
  return {};
}

Status SecAggCollector::restore_entry(const JournalEntry& entry) {
  switch (JournalKind{entry.kind}) {
    case JournalKind::key_book: {
      if (stage_ != Stage::keys) return out_of_order();
      HIPPOCRYPT_TRY(KeyBook book, decode_key_book(*session_, entry.body));
      enter_shares(std::move(book), entry.body);
      return {};
    }
    case JournalKind::bundles: {
      if (stage_ != Stage::shares) return out_of_order();
      HIPPOCRYPT_TRY(Bundles bundles, decode_bundles(*session_, entry.body));
      for (const auto& [member, bundle] : bundles) {
        for (const auto& [other, sealed] : bundles) {
          if (!key_book_.adverts.contains(member) ||
              (other != member && !bundle.shares.contains(other))) {
            return Error{Errc::malformed, "the journal's shares are not complete"};
          }
        }
      }
      enter_updates(std::move(bundles));
      return {};
    }
    case JournalKind::sum: {
      if (stage_ != Stage::updates) return out_of_order();
      HIPPOCRYPT_TRY(MaskedSum sum, decode_sum(*session_, entry.body));
      if (sum.words().size() != setup_->value_count) {
        return Error{Errc::mismatch, "the journal's sum has " + std::to_string(sum.words().size()) +
                                         " values; the adapter has " +
                                         std::to_string(setup_->value_count)};
      }
      for (const auto& [member, hash] : sum.updates()) {
        if (!sharers_.contains(member)) {
          return Error{Errc::malformed,
                       "the journal's sum holds " + name_of(member) + ", which shared no keys"};
        }
      }
      sum_ = std::move(sum);
      enter_signatures();
      return {};
    }
  }
  return Error{Errc::malformed,
               "the journal has an unknown entry of kind " + std::to_string(entry.kind)};
}

std::vector<Outgoing> SecAggCollector::remind(const std::string& hospital) const {
  const auto member = setup_->roster->index_of(hospital);
  if (!member || !missing().contains(*member)) return {};
  std::vector<Outgoing> messages;
  // All of them: what it has seen it answers as it did, and that answer is known here.
  if (stage_ >= Stage::shares) {
    messages.push_back(outgoing(*member, RoundMessageKind::key_book, key_book_body_));
  }
  if (stage_ >= Stage::updates) {
    messages.push_back(outgoing(*member, RoundMessageKind::share_book, share_book_for(*member)));
  }
  if (stage_ >= Stage::signatures) {
    messages.push_back(
        outgoing(*member, RoundMessageKind::survivors, encode(*session_, Survivors{survivors_})));
  }
  if (stage_ >= Stage::opening) {
    messages.push_back(outgoing(*member, RoundMessageKind::signature_book, signature_book()));
  }
  return messages;
}

}  // namespace hippocrypt::federation::secagg
