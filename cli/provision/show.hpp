#pragma once
// What the files of provisioning say.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/provision/expiry.hpp"
#include "net/identity/certificate.hpp"

namespace hippocrypt::cli {

struct Shown {
  std::string text;
  nlohmann::ordered_json json;
  std::vector<std::string> warnings;  ///< of what ends soon, or has
};

/// A certificate, a request, an authority's folder with all that it has signed, or a folder of
/// certificates and requests. Errors: not_found (also a folder with nothing of that), io,
/// malformed, unsupported (a private key, a revocation list), those of Authority::issued.
Result<Shown> show_provisioned(const std::filesystem::path& path, WallTime now);

/// "hospital st-anna".
std::string party_text(const net::Identity& identity);
/// "hospital st-anna of the federation study".
std::string member_text(const net::Identity& identity);
nlohmann::ordered_json to_json(const net::CertificateFacts& facts);

}  // namespace hippocrypt::cli
