#include "federation/session/secure_attempt.hpp"

#include <algorithm>

#include "base/key_file.hpp"
#include "base/secret_file.hpp"

namespace hippocrypt::federation {
namespace {

constexpr std::size_t root_bytes = 32;
constexpr std::string_view root_kind = "attempt secret";
constexpr std::string_view root_suffix = ".secagg";

std::filesystem::path root_file(const std::filesystem::path& folder, AttemptId id) {
  return folder / ("round_" + std::to_string(id.round) + "_attempt_" + std::to_string(id.attempt) +
                   std::string{root_suffix});
}

/// The root of the attempt's secrets: as it was made, or made now. Errors: io, malformed,
/// unsupported.
Result<SecretBytes> load_or_make_root(const std::filesystem::path& path, StepRandom& random,
                                      AttemptId id) {
  SecretBytes root{root_bytes};
  random.seek("secure aggregation", id.round, 0, id.attempt);
  random.fill(root.reveal());
  HIPPOCRYPT_TRY(const bool is_new, create_key_file(path, root_kind, root));
  if (is_new) return root;
  return read_key_file(path, root_kind, root_bytes);
}

/// What the journal has in place of a masked update. Errors: malformed.
Result<Hash256> hash_of(const RoundMessage& kept) {
  Hash256 hash;
  if (kept.body.size() != hash.size()) {
    return Error{Errc::malformed, "the journal's hash of a masked update has " +
                                      std::to_string(kept.body.size()) + " bytes"};
  }
  std::copy(kept.body.begin(), kept.body.end(), hash.begin());
  return hash;
}

}  // namespace

Result<std::unique_ptr<SecureAttempt>> SecureAttempt::open(Parts parts, AttemptId id) {
  HospitalJournal& journal = parts.journal;
  const bool goes_on = journal.newest() == id;
  if (goes_on && journal.newest_is_over()) {
    return Error{Errc::stale, "round " + std::to_string(id.round) + ", attempt " +
                                  std::to_string(id.attempt) + " is over; its keys are gone"};
  }
  if (!goes_on) {
    HIPPOCRYPT_TRY_VOID(journal.begin(id));
    forget_old_secrets(parts.folder, journal);
    if (parts.on_point) parts.on_point("attempt begun", id.round);
  }
  HIPPOCRYPT_TRY(auto session, secagg::Session::create(parts.run->params, parts.run->roster,
                                                       {parts.run->run, id.round, id.attempt}));
  HIPPOCRYPT_TRY(auto root, load_or_make_root(root_file(parts.folder, id), parts.random, id));
  if (parts.on_point) parts.on_point("keys kept", id.round);
  HIPPOCRYPT_TRY(auto client, secagg::SecAggClient::create(std::move(session), parts.run->hospital,
                                                           parts.run->identity, std::move(root)));
  std::unique_ptr<SecureAttempt> attempt{
      new SecureAttempt{std::move(parts), id, std::move(client)}};
  if (goes_on) HIPPOCRYPT_TRY_VOID(attempt->go_on());
  return attempt;
}

/// To where the journal has it; what was said is said again when it is asked for.
Status SecureAttempt::go_on() {
  HIPPOCRYPT_TRY(const auto kept, parts_.journal.messages());
  for (const RoundMessage& message : kept) {
    if (message.kind == RoundMessageKind::masked_update) {
      HIPPOCRYPT_TRY(const Hash256 hash, hash_of(message));
      HIPPOCRYPT_TRY_VOID(client_.restore_masked(hash));
      continue;
    }
    HIPPOCRYPT_TRY(const auto answer, tell_client(message));
    static_cast<void>(answer);
  }
  return {};
}

RoundMessage SecureAttempt::message(RoundMessageKind kind, Bytes body) const {
  return {parts_.run->hospital, id_.round, id_.attempt, kind, std::move(body)};
}

Result<std::optional<RoundMessage>> SecureAttempt::tell_client(const RoundMessage& message) {
  switch (message.kind) {
    case RoundMessageKind::key_book: {
      HIPPOCRYPT_TRY(Bytes bundle, client_.on_key_book(message.body));
      return std::optional{this->message(RoundMessageKind::share_bundle, std::move(bundle))};
    }
    case RoundMessageKind::share_book:
      HIPPOCRYPT_TRY_VOID(client_.on_share_book(message.body));
      has_shares_ = true;
      return std::optional<RoundMessage>{};
    case RoundMessageKind::survivors: {
      HIPPOCRYPT_TRY(Bytes signature, client_.on_survivors(message.body));
      return std::optional{this->message(RoundMessageKind::signature, std::move(signature))};
    }
    case RoundMessageKind::signature_book: {
      HIPPOCRYPT_TRY(Bytes shares, client_.on_signatures(message.body));
      return std::optional{this->message(RoundMessageKind::unmask_shares, std::move(shares))};
    }
    case RoundMessageKind::key_advert:
    case RoundMessageKind::share_bundle:
    case RoundMessageKind::masked_update:
    case RoundMessageKind::signature:
    case RoundMessageKind::unmask_shares:
      break;
  }
  return Error{Errc::malformed,
               std::string{"a "} + to_string(message.kind) + " is no message for a hospital"};
}

Result<std::optional<RoundMessage>> SecureAttempt::answer(const RoundMessage& message) {
  HIPPOCRYPT_TRY(auto answer, tell_client(message));
  const std::string kind = to_string(message.kind);
  reach(kind + " came");
  HIPPOCRYPT_TRY_VOID(message.kind == RoundMessageKind::signature_book
                          ? parts_.journal.keep_unmasking(message)
                          : parts_.journal.keep(message));
  reach(kind + " kept");
  return answer;
}

Result<SecureAttempt::Masked> SecureAttempt::mask(const std::vector<float>& values) {
  HIPPOCRYPT_TRY(const auto encoded,
                 secagg::encode(values, parts_.run->weight, parts_.run->params));
  HIPPOCRYPT_TRY(Bytes body, client_.mask(encoded.words.reveal()));
  reach("update masked");
  const Hash256& hash = *client_.masked_hash();
  HIPPOCRYPT_TRY_VOID(parts_.journal.keep(
      message(RoundMessageKind::masked_update, Bytes{hash.begin(), hash.end()})));
  reach("masked update kept");
  return Masked{encode(message(RoundMessageKind::masked_update, std::move(body))), encoded.clamped};
}

Status SecureAttempt::end() {
  HIPPOCRYPT_TRY_VOID(parts_.journal.end(id_));
  reach("attempt over");
  return destroy_secret_file(root_file(parts_.folder, id_));
}

void SecureAttempt::forget_old_secrets(const std::filesystem::path& folder,
                                       const HospitalJournal& journal) {
  std::filesystem::path open;
  if (journal.newest() && !journal.newest_is_over()) open = root_file(folder, *journal.newest());
  std::error_code failure;
  std::vector<std::filesystem::path> old;
  for (const auto& entry : std::filesystem::directory_iterator{folder, failure}) {
    if (entry.path().extension() == root_suffix && entry.path() != open)
      old.push_back(entry.path());
  }
  for (const auto& path : old) static_cast<void>(destroy_secret_file(path));
}

}  // namespace hippocrypt::federation
