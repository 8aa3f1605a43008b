#pragma once
// A site's request for a certificate: who it is and its public key, signed with the private one.

#include "net/identity/subject_names.hpp"
#include "net/provision/key_pair.hpp"

namespace hippocrypt::net {

struct Request {
  SubjectNames names;
  KeyPointer key;           ///< public
  std::string fingerprint;  ///< of the whole request; the site and the authority compare it
};

/// PEM; the same for the same key and names. Errors: those of check_names.
Result<std::string> make_request(const SubjectNames& names, const KeyPair& key);
/// From PEM or DER. Errors: malformed (no request, not signed by its own key, names that its role
/// may not have), unsupported (a weak key).
Result<Request> read_request(ByteView bytes);

}  // namespace hippocrypt::net
