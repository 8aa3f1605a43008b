#include "net/provision/revocations.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/file.hpp"

namespace hippocrypt::net {
namespace {

Bytes bytes_of(const ASN1_INTEGER& number) {
  const ByteView view{ASN1_STRING_get0_data(&number),
                      static_cast<std::size_t>(ASN1_STRING_length(&number))};
  return {view.begin(), view.end()};
}

std::uint64_t number_of(const X509_CRL& list) {
  const std::unique_ptr<ASN1_INTEGER, decltype(&ASN1_INTEGER_free)> number{
      static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(&list, NID_crl_number, nullptr, nullptr)),
      &ASN1_INTEGER_free};
  std::uint64_t value = 0;
  if (number != nullptr) ASN1_INTEGER_get_uint64(&value, number.get());
  ERR_clear_error();
  return value;
}

}  // namespace

bool Revocations::holds(std::string_view serial_hex) const {
  const auto serial = from_hex(serial_hex);
  return serial && std::any_of(revoked.begin(), revoked.end(),
                               [&](const Revocation& each) { return each.serial == *serial; });
}

Result<Revocations> read_revocations(const std::filesystem::path& path, const x509_st& authority) {
  HIPPOCRYPT_TRY(const Bytes bytes, read_file(path, max_pem_bytes));
  const auto list = parse_revocation_list(bytes);
  if (!list) return Error{list.error().code, path.string() + ": " + list.error().detail};
  const bool is_signed = X509_CRL_verify(list->get(), X509_get0_pubkey(&authority)) == 1;
  ERR_clear_error();
  if (!is_signed) {
    return Error{Errc::mismatch, path.string() +
                                     ": the authority did not sign this list; put its own back "
                                     "from a copy"};
  }
  Revocations revocations;
  revocations.number = number_of(**list);
  STACK_OF(X509_REVOKED)* const entries = X509_CRL_get_REVOKED(list->get());
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* const entry = sk_X509_REVOKED_value(entries, i);
    HIPPOCRYPT_TRY(const auto at, time_of(X509_REVOKED_get0_revocationDate(entry)));
    revocations.revoked.push_back({bytes_of(*X509_REVOKED_get0_serialNumber(entry)), at});
  }
  return revocations;
}

}  // namespace hippocrypt::net
