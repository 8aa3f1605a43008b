#include "federation/secagg/client/attempt_keys.hpp"

#include "base/keyed_stream.hpp"
#include "federation/secagg/common/hkdf.hpp"

namespace hippocrypt::federation::secagg {
namespace {

SecretBytes derive(const Session& session, const SecretBytes& root, std::string_view purpose) {
  const Bytes info = labelled("hippocrypt secagg hospital 1", {as_bytes(purpose)});
  return hkdf_sha256(root.reveal(), session.hash(), info, 32);
}

SharedSecret share_out(const Session& session, const SecretBytes& root, const SecretBytes& secret,
                       std::string_view purpose) {
  KeyedStream coefficients{derive(session, root, purpose)};
  return {secret, session.params().threshold(), coefficients};
}

}  // namespace

AttemptKeys::AttemptKeys(const Session& session, const SecretBytes& root)
    : channel_{KeyPair::of(derive(session, root, "channel key"))},
      mask_private_{derive(session, root, "mask key")},
      mask_{KeyPair::of(mask_private_)},
      self_mask_seed_{derive(session, root, "self mask seed")},
      shared_mask_key_{share_out(session, root, mask_private_, "mask key polynomial")},
      shared_self_mask_{share_out(session, root, self_mask_seed_, "self mask polynomial")} {}

SharePair AttemptKeys::shares_for(MemberIndex member) const {
  return {shared_mask_key_.share(point_of(member)), shared_self_mask_.share(point_of(member))};
}

}  // namespace hippocrypt::federation::secagg
