#pragma once
// HMAC-SHA-256 (RFC 2104; OpenSSL): a pseudo-random function under a secret key.

#include <memory>

#include "base/secret.hpp"
#include "base/sha256.hpp"

namespace hippocrypt {

/// Incremental, with the fields of Sha256.
class HmacSha256 {
 public:
  explicit HmacSha256(const SecretBytes& key);
  ~HmacSha256();
  HmacSha256(const HmacSha256&) = delete;
  HmacSha256& operator=(const HmacSha256&) = delete;
  HmacSha256& add(ByteView bytes);
  HmacSha256& add_field(ByteView bytes);
  HmacSha256& add_field(std::string_view text) { return add_field(as_bytes(text)); }
  Hash256 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hippocrypt
