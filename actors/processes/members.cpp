#include "actors/processes/members.hpp"

#include <algorithm>
#include <map>

#include "federation/secagg/common/configured.hpp"
#include "net/identity/certificate_folder.hpp"

namespace hippocrypt::actors {
namespace {

using federation::FederationConfig;

/// Of a folder, by the hospital's name; a later date wins.
Result<std::map<std::string, net::FolderCertificate>> certificates_in(
    const std::filesystem::path& folder) {
  HIPPOCRYPT_TRY(auto certificates, net::hospital_certificates(folder));
  std::map<std::string, net::FolderCertificate> found;
  for (auto& certificate : certificates) {
    const std::string name = certificate.facts.identity.name;
    const auto there = found.find(name);
    if (there != found.end() && there->second.facts.not_before >= certificate.facts.not_before) {
      continue;
    }
    found.insert_or_assign(name, std::move(certificate));
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
    certificates.push_back(std::move(own->second.der));
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
