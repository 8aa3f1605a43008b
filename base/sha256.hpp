#pragma once
// SHA-256 (OpenSSL), for fingerprints and hash chains.

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.hpp"

namespace hippocrypt {

using Hash256 = std::array<std::uint8_t, 32>;

/// Incremental SHA-256. Variable-length fields should be added with add_field, which prefixes the
/// length.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  Sha256& add(ByteView bytes);
  Sha256& add_field(ByteView bytes);
  Sha256& add_field(std::string_view text) { return add_field(as_bytes(text)); }
  Sha256& add_u64(std::uint64_t value);
  Hash256 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Hash256 sha256(ByteView bytes);

}  // namespace hippocrypt
