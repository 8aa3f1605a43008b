#pragma once
// Seam B: bytes in, bytes out. EncryptedOracle does not know whether the server is a thread away or
// a continent away.

#include <chrono>
#include <memory>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace hippocrypt::protocol {

/// Immutable bytes that may be shared between threads without a copy.
using SharedBytes = std::shared_ptr<const Bytes>;

/// A retry sends the same bytes again; nothing is encrypted twice under one secret.
class ProductTransport {
 public:
  virtual ~ProductTransport() = default;
  /// One request, one reply; blocks. Errors: unavailable, deadline, cancelled.
  virtual Result<SharedBytes> exchange(SharedBytes request) = 0;
};

}  // namespace hippocrypt::protocol
