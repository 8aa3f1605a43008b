#include "actors/processes/members.hpp"

#include <algorithm>
#include <map>

#include "base/file.hpp"
#include "federation/secagg/common/configured.hpp"
#include "net/identity/x509.hpp"

namespace hippocrypt::actors {
namespace {

using federation::FederationConfig;

/// The hospitals' certificates among a folder's, by name; a later date wins.
Result<std::map<std::string, Bytes>> certificates_in(const std::filesystem::path& folder) {
  std::error_code failure;
  std::filesystem::directory_iterator files{folder, failure};
  if (failure) return Error{Errc::not_found, folder.string() + ": " + failure.message()};
  std::map<std::string, Bytes> found;
  std::map<std::string, std::chrono::system_clock::time_point> dates;
  for (const auto& file : files) {
    if (file.path().extension() != ".crt") continue;
    HIPPOCRYPT_TRY(const auto bytes, read_file(file.path(), net::max_pem_bytes));
    const auto certificate = net::parse_certificate(bytes);
    if (!certificate) {
      return Error{Errc::malformed, file.path().string() + ": " + certificate.error().detail};
    }
    const auto facts = net::facts_of(**certificate);
    if (!facts || facts->identity.role != net::Role::hospital) continue;
    const std::string& name = facts->identity.name;
    if (dates.count(name) > 0 && dates[name] >= facts->not_before) continue;
    dates[name] = facts->not_before;
    found[name] = net::to_der(**certificate);
  }
  return found;
}

}  // namespace

bool Members::hold(ByteView certificate) const {
  return std::any_of(certificates.begin(), certificates.end(),
                     [&](const Bytes& own) { return same_bytes(own, certificate); });
}

Result<Members> check_members(const FederationConfig& config, std::vector<Bytes> certificates,
                              const net::TrustAnchor& authority) {
  if (certificates.size() != config.hospitals.size()) {
    return Error{Errc::mismatch, std::to_string(certificates.size()) + " certificates for " +
                                     std::to_string(config.hospitals.size()) + " hospitals"};
  }
  Members members;
  const auto now = std::chrono::system_clock::now();
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    const std::string& name = config.hospitals[i].name;
    auto facts = authority.verify(certificates[i], now);
    if (!facts) {
      return Error{facts.error().code,
                   "the certificate of hospital " + name + ": " + facts.error().detail};
    }
    const auto& identity = facts->identity;
    if (identity.role != net::Role::hospital || identity.name != name) {
      return Error{Errc::mismatch, "the certificate of " + net::to_uri(identity) +
                                       " is in the place of hospital " + name + "'s"};
    }
    if (!facts->signing_key) {
      return Error{Errc::mismatch, "the certificate of hospital " + name + " has no signing key"};
    }
    members.facts.push_back(std::move(facts).value());
  }
  members.certificates = std::move(certificates);
  return members;
}

Result<Members> load_members(const FederationConfig& config, const std::filesystem::path& folder,
                             const net::TrustAnchor& authority) {
  HIPPOCRYPT_TRY(auto found, certificates_in(folder));
  std::vector<Bytes> certificates;
  for (const auto& hospital : config.hospitals) {
    const auto own = found.find(hospital.name);
    if (own == found.end()) {
      return Error{Errc::not_found, folder.string() + " has no certificate of hospital " +
                                        hospital.name +
                                        "; put there what `hippocrypt provision "
                                        "sign` wrote for it"};
    }
    certificates.push_back(std::move(own->second));
  }
  return check_members(config, std::move(certificates), authority);
}

Result<std::shared_ptr<const SecureTerms>> secure_terms(const FederationConfig& config,
                                                        const Members& members,
                                                        const std::string& run) {
  namespace secagg = federation::secagg;
  if (!config.masks_sums()) {
    return std::shared_ptr<const SecureTerms>{};
  }
  HIPPOCRYPT_TRY(auto params, secagg::params_of(config));
  std::vector<secagg::Member> roster;
  for (std::size_t i = 0; i < config.hospitals.size(); ++i) {
    roster.push_back(
        {config.hospitals[i].name, *members.facts[i].signing_key, config.hospitals[i].weight});
  }
  HIPPOCRYPT_TRY(auto made, secagg::Roster::create(std::move(roster)));
  return std::make_shared<const SecureTerms>(
      SecureTerms{std::move(params), std::make_shared<const secagg::Roster>(std::move(made)), run});
}

}  // namespace hippocrypt::actors
