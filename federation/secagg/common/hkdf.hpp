#pragma once
// Keys made from keys: HKDF-SHA-256 (RFC 5869; OpenSSL).

#include <initializer_list>
#include <string_view>

#include "base/bytes.hpp"
#include "base/secret.hpp"

namespace hippocrypt::federation::secagg {

/// Every key of one purpose in one sentence: a label and length-prefixed fields, so that no two
/// lists of fields give the same bytes.
Bytes labelled(std::string_view label, std::initializer_list<ByteView> fields);

/// Extract and expand. At most 8,160 bytes.
SecretBytes hkdf_sha256(ByteView secret, ByteView salt, ByteView info, std::size_t size_bytes);

}  // namespace hippocrypt::federation::secagg
