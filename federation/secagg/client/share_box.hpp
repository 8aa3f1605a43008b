#pragma once
// Shares on their way from one hospital to another: sealed with ChaCha20-Poly1305 (RFC 8439;
// OpenSSL) under a key that is used for this one message.

#include "federation/secagg/common/messages.hpp"

namespace hippocrypt::federation::secagg {

/// One hospital's two shares for another.
struct SharePair {
  SecretBytes mask_key;   ///< 32 bytes
  SecretBytes self_mask;  ///< 32 bytes
};

/// Which message it is: part of the key and of the associated data, so that nothing sealed is
/// taken for anything else.
struct ShareRoute {
  const Session& session;
  const Hash256& key_book_hash;
  MemberIndex from;
  MemberIndex to;
};

/// `agreed`: what the two hospitals' channel keys agree on.
SealedShare seal(const ShareRoute& route, const SecretBytes& agreed, const SharePair& shares);
/// Errors: tampered (changed, or sealed by or for another, or under another key book).
Result<SharePair> unseal(const ShareRoute& route, const SecretBytes& agreed,
                         const SealedShare& sealed);

}  // namespace hippocrypt::federation::secagg
