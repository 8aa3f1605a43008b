#pragma once
// Whether a party's own files are those of who it says it is.

#include <filesystem>
#include <vector>

#include "cli/preflight/check.hpp"
#include "cli/provision/expiry.hpp"
#include "net/identity/identity.hpp"

namespace hippocrypt::cli {

struct OwnFiles {
  std::filesystem::path authority, certificate, key;
  std::filesystem::path revoked;      ///< empty: none
  std::filesystem::path signing_key;  ///< hospitals only
  net::Role role = net::Role::hospital;
  std::string name;
};

/// Checks "certificate" (signed by the authority, dates, revocation), "names", "key" and, of a
/// hospital, "signing key".
std::vector<Check> check_certificate(const OwnFiles& files, WallTime now);

}  // namespace hippocrypt::cli
