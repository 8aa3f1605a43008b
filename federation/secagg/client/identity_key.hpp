#pragma once
// A hospital's long-lived signing key: Ed25519 (RFC 8032; OpenSSL).

#include <filesystem>
#include <memory>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "federation/secagg/common/signatures.hpp"

namespace hippocrypt::federation::secagg {

/// Move-only; there is no way to print or copy the private part.
class IdentityKey {
 public:
  static IdentityKey create(RandomSource& random);
  /// The key in a secret file. Errors: not_found, io, malformed (another file), unsupported
  /// (another version), tampered (others than the owner may read it).
  static Result<IdentityKey> load(const std::filesystem::path& path);
  /// The same, made there first if there is none. Errors: io, those of load.
  static Result<IdentityKey> load_or_create(const std::filesystem::path& path,
                                            RandomSource& random);
  ~IdentityKey();
  IdentityKey(IdentityKey&&) noexcept;
  IdentityKey& operator=(IdentityKey&&) noexcept;

  const PublicIdentity& public_part() const { return public_part_; }
  Signature sign(ByteView statement) const;

 private:
  struct State;
  explicit IdentityKey(const SecretBytes& private_part);
  std::unique_ptr<State> state_;
  PublicIdentity public_part_{};
};

}  // namespace hippocrypt::federation::secagg
