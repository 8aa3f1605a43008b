#pragma once
// Seam B: bytes in, bytes out. EncryptedOracle does not know whether the server is a thread away or
// a continent away.

#include "base/result.hpp"
#include "base/shared_bytes.hpp"

namespace hippocrypt::protocol {

/// A retry sends the same bytes again; nothing is encrypted twice under one secret.
class ProductTransport {
 public:
  virtual ~ProductTransport() = default;
  /// One request, one reply; blocks. Several threads may call it at once. Errors: unavailable,
  /// deadline, cancelled.
  virtual Result<SharedBytes> exchange(SharedBytes request) = 0;
};

}  // namespace hippocrypt::protocol
