#include "net/identity/x509.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>

#include "base/check.hpp"
#include "base/sha256.hpp"

namespace hippocrypt::net {
namespace {

/// Leaves no error behind that an unrelated call on this thread would report.
template <class T, class FromDer, class FromPem>
Result<std::unique_ptr<T, FreeX509>> parse(ByteView bytes, const char* what, FromDer from_der,
                                           FromPem from_pem) {
  std::unique_ptr<T, FreeX509> parsed;
  if (bytes.size() <= max_pem_bytes && !bytes.empty()) {
    if (bytes.front() == 0x30) {  // a sequence
      const unsigned char* at = bytes.data();
      parsed.reset(from_der(nullptr, &at, static_cast<long>(bytes.size())));
      if (at != bytes.data() + bytes.size()) parsed.reset();
    } else {
      parsed.reset(from_pem(reader_of(bytes).get(), nullptr, &no_password, nullptr));
    }
  }
  ERR_clear_error();
  if (parsed == nullptr) {
    return Error{Errc::malformed, std::string{"this is no "} + what + " in PEM or DER"};
  }
  return parsed;
}

template <class T, class ToDer>
Bytes der_of(const T& object, ToDer to_der) {
  const int size = to_der(&object, nullptr);
  HIPPOCRYPT_CHECK(size > 0);
  Bytes bytes(static_cast<std::size_t>(size));
  unsigned char* end = bytes.data();
  HIPPOCRYPT_CHECK(to_der(&object, &end) == size);
  return bytes;
}

template <class Write>
std::string written(Write write) {
  const BioPointer bio{BIO_new(BIO_s_mem())};
  HIPPOCRYPT_CHECK(bio != nullptr && write(bio.get()) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

void FreeX509::operator()(x509_st* object) const { X509_free(object); }
void FreeX509::operator()(X509_req_st* object) const { X509_REQ_free(object); }
void FreeX509::operator()(X509_crl_st* object) const { X509_CRL_free(object); }
void FreeX509::operator()(evp_pkey_st* object) const { EVP_PKEY_free(object); }
void FreeX509::operator()(bio_st* object) const { BIO_free(object); }

BioPointer reader_of(ByteView bytes) {
  // No bytes are no null pointer to OpenSSL.
  BioPointer bio{BIO_new_mem_buf(bytes.empty() ? "" : static_cast<const void*>(bytes.data()),
                                 static_cast<int>(bytes.size()))};
  HIPPOCRYPT_CHECK(bio != nullptr);
  return bio;
}

int no_password(char*, int, int, void*) { return -1; }

Result<CertificatePointer> parse_certificate(ByteView bytes) {
  return parse<X509>(bytes, "certificate", &d2i_X509, &PEM_read_bio_X509);
}

Result<RequestPointer> parse_certificate_request(ByteView bytes) {
  return parse<X509_REQ>(bytes, "request for a certificate", &d2i_X509_REQ, &PEM_read_bio_X509_REQ);
}

Result<RevocationListPointer> parse_revocation_list(ByteView bytes) {
  return parse<X509_CRL>(bytes, "revocation list", &d2i_X509_CRL, &PEM_read_bio_X509_CRL);
}

Bytes to_der(const x509_st& certificate) { return der_of(certificate, &i2d_X509); }

Bytes to_der(const X509_req_st& request) { return der_of(request, &i2d_X509_REQ); }

std::string to_pem(const x509_st& certificate) {
  return written([&](BIO* bio) { return PEM_write_bio_X509(bio, &certificate); });
}

std::string to_pem(const X509_req_st& request) {
  return written([&](BIO* bio) { return PEM_write_bio_X509_REQ(bio, &request); });
}

std::string to_pem(const X509_crl_st& list) {
  return written([&](BIO* bio) { return PEM_write_bio_X509_CRL(bio, &list); });
}

std::string spoken_fingerprint(ByteView bytes) {
  const std::string hex = to_hex(ByteView{sha256(bytes)}.first(16));
  std::string groups;
  for (std::size_t at = 0; at < hex.size(); at += 4) {
    if (at != 0) groups += ' ';
    groups += hex.substr(at, 4);
  }
  return groups;
}

Result<std::chrono::system_clock::time_point> time_of(const asn1_string_st* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    ERR_clear_error();
    return Error{Errc::malformed, "a certificate's dates cannot be read"};
  }
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

}  // namespace hippocrypt::net
