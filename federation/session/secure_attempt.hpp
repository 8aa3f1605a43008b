#pragma once
// A hospital's part in one attempt of secure aggregation, as it survives the hospital's process:
// the root of its secrets in a secret file, what came in the journal, and there the hash of what it
// has masked. Made again from these it says the same, byte for byte, or nothing.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "federation/common/crash_point.hpp"
#include "federation/secagg/client/secagg_client.hpp"
#include "federation/secagg/common/fixed_point.hpp"
#include "federation/session/hospital_journal.hpp"

namespace hippocrypt::federation {

/// What all attempts of a run have in common.
struct SecureRun {
  std::string run;
  std::string hospital;
  secagg::Params params;
  std::shared_ptr<const secagg::Roster> roster;
  std::shared_ptr<const secagg::IdentityKey> identity;
  std::uint32_t weight = 1;  ///< public
};

class SecureAttempt {
 public:
  struct Parts {
    std::shared_ptr<const SecureRun> run;
    HospitalJournal& journal;      ///< outlives the object
    std::filesystem::path folder;  ///< of the hospital, for its secret
    StepRandom& random;            ///< outlives the object
    CrashHook on_point;
  };

  /// Takes part in a new attempt, or goes on with the journal's newest. Errors: stale (the attempt
  /// is over, or older than the newest), those of HospitalJournal, SecAggClient and secret files.
  static Result<std::unique_ptr<SecureAttempt>> open(Parts parts, AttemptId id);

  AttemptId id() const { return id_; }
  /// The first message: this hospital's keys.
  RoundMessage advert() const { return message(RoundMessageKind::key_advert, client_.advert()); }
  /// A message that came is checked, kept and then answered; nothing for a share book. Errors:
  /// those of SecAggClient and HospitalJournal; malformed (a message that a hospital does not get).
  Result<std::optional<RoundMessage>> answer(const RoundMessage& message);
  /// The masks are known.
  bool can_mask() const { return has_shares_; }
  struct Masked {
    Bytes frame;                ///< to send
    std::uint64_t clamped = 0;  ///< values that were beyond the range
  };
  /// Masks the update, which the caller keeps until the attempt is over: the same may be masked
  /// again, no other, also after a restart. Errors: those of secagg::encode, SecAggClient::mask and
  /// HospitalJournal.
  Result<Masked> mask(const std::vector<float>& values);

  /// The attempt is over for this hospital: its secret is destroyed. Errors: io.
  Status end();
  /// Destroys secrets in `folder` that belong to attempts which are over.
  static void forget_old_secrets(const std::filesystem::path& folder,
                                 const HospitalJournal& journal);

 private:
  SecureAttempt(Parts parts, AttemptId id, secagg::SecAggClient client)
      : parts_{std::move(parts)}, id_{id}, client_{std::move(client)} {}
  RoundMessage message(RoundMessageKind kind, Bytes body) const;
  Result<std::optional<RoundMessage>> tell_client(const RoundMessage& message);
  Status go_on();
  void reach(std::string_view point) const {
    if (parts_.on_point) parts_.on_point(point, id_.round);
  }

  Parts parts_;
  AttemptId id_;
  secagg::SecAggClient client_;
  bool has_shares_ = false;
};

}  // namespace hippocrypt::federation
