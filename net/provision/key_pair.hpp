#pragma once
// The key behind a certificate: Ed25519, made where it is used and never moved.

#include <filesystem>

#include "base/random.hpp"
#include "net/identity/x509.hpp"

namespace hippocrypt::net {

/// Move-only; there is no way to print the private part.
class KeyPair {
 public:
  static KeyPair create(RandomSource& random);
  /// From PEM; any kind of key. Errors: not_found, io, limit_exceeded, malformed, tampered (others
  /// than the owner may read it).
  static Result<KeyPair> load(const std::filesystem::path& path);
  /// The key in a file, made there first if there is none. Errors: io, those of load.
  static Result<KeyPair> load_or_create(const std::filesystem::path& path, RandomSource& random);
  /// As PEM, readable by its owner only. Errors: io (also if something is there already).
  Status save(const std::filesystem::path& path) const;

  evp_pkey_st& handle() const { return *key_; }

 private:
  explicit KeyPair(KeyPointer key) : key_{std::move(key)} {}
  KeyPointer key_;
};

}  // namespace hippocrypt::net
