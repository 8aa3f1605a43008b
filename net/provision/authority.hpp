#pragma once
// The authority of a federation: the folder whose key signs who takes part, kept by whoever runs
// the study and by nobody else.

#include <filesystem>
#include <optional>
#include <vector>

#include "net/identity/trust_anchor.hpp"
#include "net/provision/certificate_writer.hpp"
#include "net/provision/request.hpp"

namespace hippocrypt::net {

/// Longest life of an authority.
inline constexpr unsigned max_life_days = 18'250;

/// Names of the files in an authority's folder.
inline constexpr const char* authority_file = "authority.crt";
inline constexpr const char* authority_key_file = "authority.key";
inline constexpr const char* revoked_file = "revoked.crl";

/// A certificate as it was handed out.
struct Issued {
  CertificateFacts facts;
  std::string pem;
};

/// What an authority has on record of a certificate.
struct IssuedRecord {
  CertificateFacts facts;
  bool is_revoked = false;
};

/// The folder holds the files named above and issued/SERIAL.crt, every certificate it has signed.
/// Programs that use one folder at once wait for each other.
class Authority {
 public:
  /// Makes the folder, with an empty revocation list. Errors: out_of_range (no name; days not in
  /// 1..max_life_days), io (also if there is one already).
  static Result<Authority> create(const std::filesystem::path& folder,
                                  const std::string& federation, unsigned days,
                                  std::chrono::system_clock::time_point now, RandomSource& random);
  /// Errors: those of KeyPair::load and TrustAnchor::load, mismatch (another authority's key).
  static Result<Authority> open(const std::filesystem::path& folder);

  const AuthorityFacts& facts() const { return facts_; }
  std::filesystem::path certificate_path() const { return folder_ / authority_file; }
  std::filesystem::path revoked_path() const { return folder_ / revoked_file; }

  /// Signs the request, for so many days or as long as the authority lives, and puts the
  /// certificate on record. Errors: mismatch (another federation), out_of_range (days beyond the
  /// authority's), stale (the authority has expired), io.
  Result<Issued> sign(const Request& request, std::optional<unsigned> days,
                      std::chrono::system_clock::time_point now, RandomSource& random) const;
  /// All certificates on record in a folder, in the order of their dates. Needs no key. Errors:
  /// not_found, io, malformed, mismatch (the list is another authority's).
  static Result<std::vector<IssuedRecord>> issued(const std::filesystem::path& folder);
  /// Puts the serial numbers (hex) on the revocation list; those on it stay. Errors: not_found (one
  /// was never issued; the list is as it was), io, malformed.
  Status revoke(const std::vector<std::string>& serials,
                std::chrono::system_clock::time_point now) const;

 private:
  Authority(std::filesystem::path folder, AuthorityFacts facts, CertificatePointer certificate,
            KeyPair key)
      : folder_{std::move(folder)},
        facts_{std::move(facts)},
        certificate_{std::move(certificate)},
        key_{std::move(key)} {}
  Status write_list(const std::vector<Revocation>& revoked, std::uint64_t number,
                    std::chrono::system_clock::time_point now) const;

  std::filesystem::path folder_;
  AuthorityFacts facts_;
  CertificatePointer certificate_;
  KeyPair key_;
};

}  // namespace hippocrypt::net
