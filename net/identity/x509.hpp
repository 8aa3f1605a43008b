#pragma once
// OpenSSL's X.509 objects: who owns them, and their bytes there and back.

#include <chrono>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

struct x509_st;
struct X509_req_st;
struct X509_crl_st;
struct evp_pkey_st;
struct asn1_string_st;
struct bio_st;

namespace hippocrypt::net {

struct FreeX509 {
  void operator()(x509_st* object) const;
  void operator()(X509_req_st* object) const;
  void operator()(X509_crl_st* object) const;
  void operator()(evp_pkey_st* object) const;
  void operator()(bio_st* object) const;
};
using CertificatePointer = std::unique_ptr<x509_st, FreeX509>;
using RequestPointer = std::unique_ptr<X509_req_st, FreeX509>;
using RevocationListPointer = std::unique_ptr<X509_crl_st, FreeX509>;
using KeyPointer = std::unique_ptr<evp_pkey_st, FreeX509>;
using BioPointer = std::unique_ptr<bio_st, FreeX509>;

/// The largest file that is read as one of them, bytes.
inline constexpr std::size_t max_pem_bytes = std::size_t{1} << 20;

/// OpenSSL reads from `bytes`, which must outlive it.
BioPointer reader_of(ByteView bytes);
/// For OpenSSL's readers of PEM, which would ask the terminal: there is none.
int no_password(char*, int, int, void*);

/// From DER or PEM; of several in one PEM the first. Errors: malformed.
Result<CertificatePointer> parse_certificate(ByteView bytes);
Result<RequestPointer> parse_certificate_request(ByteView bytes);
Result<RevocationListPointer> parse_revocation_list(ByteView bytes);

Bytes to_der(const x509_st& certificate);
Bytes to_der(const X509_req_st& request);
std::string to_pem(const x509_st& certificate);
std::string to_pem(const X509_req_st& request);
std::string to_pem(const X509_crl_st& list);

/// Something that people compare on the phone: 128 bits of SHA-256 in groups of four hex digits.
std::string spoken_fingerprint(ByteView bytes);

/// Errors: malformed.
Result<std::chrono::system_clock::time_point> time_of(const asn1_string_st* time);

}  // namespace hippocrypt::net
