#pragma once
// All that a hospital keeps secret in one attempt, made from one root of 32 bytes.

#include "federation/secagg/client/share_box.hpp"
#include "federation/secagg/common/key_agreement.hpp"

namespace hippocrypt::federation::secagg {

/// HKDF of the root under the session: the same root in two attempts gives unrelated keys, and the
/// same attempt gives the same keys after a crash.
class AttemptKeys {
 public:
  AttemptKeys(const Session& session, const SecretBytes& root);

  const KeyPair& channel() const { return channel_; }
  const KeyPair& mask() const { return mask_; }
  const SecretBytes& self_mask_seed() const { return self_mask_seed_; }
  /// The shares of mask key and self-mask seed that `member` gets.
  SharePair shares_for(MemberIndex member) const;

 private:
  KeyPair channel_;
  SecretBytes mask_private_;
  KeyPair mask_;
  SecretBytes self_mask_seed_;
  SharedSecret shared_mask_key_, shared_self_mask_;
};

}  // namespace hippocrypt::federation::secagg
