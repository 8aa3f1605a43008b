#pragma once
// Who said it: Ed25519 (RFC 8032; OpenSSL). Signing is the hospital's side (client/identity_key).

#include <array>

#include "base/bytes.hpp"

namespace hippocrypt::federation::secagg {

/// A hospital's long-lived public key.
using PublicIdentity = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

/// Whether the owner of `identity` signed exactly this statement.
bool is_signed_by(const PublicIdentity& identity, ByteView statement, const Signature& signature);

}  // namespace hippocrypt::federation::secagg
