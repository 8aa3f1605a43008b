#pragma once
// X.509 certificates and requests as bytes, without any opinion about who may have which:
// the authority and the requests have that.

#include <chrono>
#include <span>

#include "net/identity/subject_names.hpp"
#include "net/identity/x509.hpp"

namespace hippocrypt::net {

struct Validity {
  std::chrono::system_clock::time_point from, to;
};

struct CertificateSpec {
  SubjectNames names;
  std::array<std::uint8_t, 16> serial{};
  Validity validity;
  bool may_be_client = false, may_be_server = false;  ///< neither: without key usages
};

struct Revocation {
  Bytes serial;  ///< big-endian
  std::chrono::system_clock::time_point at;
};

/// The certificate of a new authority, signed by itself: it signs certificates and lists, and no
/// other authority.
CertificatePointer write_authority(const std::string& federation,
                                   const std::array<std::uint8_t, 16>& serial,
                                   const Validity& validity, evp_pkey_st& key);
/// For the holder of `subject_key`, signed by the authority.
CertificatePointer write_certificate(const CertificateSpec& spec, evp_pkey_st& subject_key,
                                     const x509_st& authority, evp_pkey_st& authority_key);
/// Asks for a certificate with these names, signed with the key that it is for.
RequestPointer write_request(const SubjectNames& names, evp_pkey_st& key);
/// Valid from then on, as long as the authority; `number` grows from list to list.
RevocationListPointer write_revocation_list(std::span<const Revocation> revoked,
                                            std::uint64_t number,
                                            std::chrono::system_clock::time_point from,
                                            const x509_st& authority, evp_pkey_st& authority_key);

}  // namespace hippocrypt::net
