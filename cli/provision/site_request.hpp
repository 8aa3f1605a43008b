#pragma once
// What a site makes for itself before it can take part: keys, which stay there, and a request.

#include <filesystem>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "net/identity/identity.hpp"

namespace hippocrypt::cli {

/// Name of the file with a hospital's signing key, beside its key for TLS.
inline constexpr const char* signing_key_file = "signing.key";

struct SiteRequestOptions {
  net::Identity identity;
  std::vector<std::string> hosts;  ///< DNS names and addresses by which it is called
  std::filesystem::path folder;
};

struct SiteRequest {
  std::filesystem::path request, key;
  std::filesystem::path signing_key;  ///< hospitals only
  std::string fingerprint;
  bool is_new = true;  ///< false: the same request was there already
};

/// Makes the folder, NAME.key and NAME.csr in it and, for a hospital, its signing key. Keys that
/// are there are used again, and nothing is overwritten. Errors: invalid_config (names that the
/// role may not have), io, those of KeyPair::load and IdentityKey::load_or_create, mismatch (there
/// is a request that differs).
Result<SiteRequest> make_site_request(const SiteRequestOptions& options, RandomSource& random);

}  // namespace hippocrypt::cli
