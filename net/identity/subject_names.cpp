#include "net/identity/subject_names.hpp"

#include <arpa/inet.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "base/plain_name.hpp"

namespace hippocrypt::net {
namespace {

constexpr std::string_view our_uris = "urn:hippocrypt:";

Error malformed(std::string sentence) { return Error{Errc::malformed, std::move(sentence)}; }

ByteView bytes_of(const ASN1_STRING& string) {
  return {ASN1_STRING_get0_data(&string), static_cast<std::size_t>(ASN1_STRING_length(&string))};
}

std::string text_of(const ASN1_STRING& string) {
  const ByteView bytes = bytes_of(string);
  return {bytes.begin(), bytes.end()};
}

Status read_signing_key(std::string_view hex, SubjectNames& names) {
  const auto bytes = from_hex(hex);
  if (!bytes || bytes->size() != 32) {
    return malformed("the signing key in the certificate is not 64 hex digits");
  }
  if (names.signing_key) return malformed("the certificate holds more than one signing key");
  names.signing_key.emplace();
  std::copy(bytes->begin(), bytes->end(), names.signing_key->begin());
  return {};
}

Status read_uri(const std::string& uri, std::optional<Identity>& identity, SubjectNames& names) {
  if (uri.starts_with(signing_key_prefix)) {
    return read_signing_key(std::string_view{uri}.substr(signing_key_prefix.size()), names);
  }
  if (!uri.starts_with(our_uris)) return {};
  HIPPOCRYPT_TRY(auto parsed, parse_identity(uri));
  if (identity) return malformed("the certificate holds more than one identity");
  identity = std::move(parsed);
  return {};
}

Status read_address(ByteView bytes, SubjectNames& names) {
  char text[INET6_ADDRSTRLEN];
  const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
  if ((bytes.size() != 4 && bytes.size() != 16) ||
      ::inet_ntop(family, bytes.data(), text, sizeof text) == nullptr) {
    return malformed("the certificate holds an address that is neither IPv4 nor IPv6");
  }
  names.addresses.emplace_back(text);
  return {};
}

}  // namespace

Result<SubjectNames> read_names(const stack_st_GENERAL_NAME& list) {
  SubjectNames names;
  std::optional<Identity> identity;
  for (int i = 0; i < sk_GENERAL_NAME_num(&list); ++i) {
    const GENERAL_NAME& name = *sk_GENERAL_NAME_value(&list, i);
    if (name.type == GEN_URI) {
      HIPPOCRYPT_TRY_VOID(read_uri(text_of(*name.d.uniformResourceIdentifier), identity, names));
    } else if (name.type == GEN_DNS) {
      names.dns_names.push_back(text_of(*name.d.dNSName));
      if (!is_dns_name(names.dns_names.back())) {
        return malformed("the certificate holds a host name that is none");
      }
    } else if (name.type == GEN_IPADD) {
      HIPPOCRYPT_TRY_VOID(read_address(bytes_of(*name.d.iPAddress), names));
    }
  }
  if (!identity) {
    return malformed(
        "the certificate holds no identity (urn:hippocrypt:FEDERATION:ROLE:NAME); 'hippocrypt "
        "provision' makes certificates that do");
  }
  names.identity = std::move(*identity);
  return names;
}

Status check_names(const SubjectNames& names) {
  const auto& [federation, role, name] = names.identity;
  if (!is_plain_name(federation) || !is_plain_name(name)) {
    return malformed(
        "names of federations and parties are letters, digits, '-', '_' and '.', at most 64, and "
        "start with no '.'");
  }
  if (federation == "signing-key") return malformed("'signing-key' is no name for a federation");
  const std::string who = std::string{to_string(role)} + ' ' + name;
  const bool has_host = !names.dns_names.empty() || !names.addresses.empty();
  if (role == Role::hospital && (has_host || !names.signing_key)) {
    return malformed(who + (has_host ? " names a host, but hospitals are never called"
                                     : " has no signing key, which every hospital needs"));
  }
  if (role != Role::hospital && (!has_host || names.signing_key)) {
    return malformed(who + (has_host ? " has a signing key, which only hospitals have"
                                     : " names no host by which it is called"));
  }
  if (!std::all_of(names.dns_names.begin(), names.dns_names.end(), is_dns_name) ||
      !std::all_of(names.addresses.begin(), names.addresses.end(), is_address)) {
    return malformed(who + " names a host that is neither a DNS name nor an address");
  }
  return {};
}

bool is_dns_name(std::string_view name) {
  if (name.size() > 253) return false;
  for (;;) {
    const auto label = name.substr(0, name.find('.'));
    const bool is_good = !label.empty() && label.size() <= 63 && label.front() != '-' &&
                         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                  (c >= '0' && c <= '9') || c == '-';
                         });
    if (!is_good) return false;
    if (label.size() == name.size()) return true;
    name.remove_prefix(label.size() + 1);
  }
}

bool is_address(const std::string& text) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET, text.c_str(), &ignored) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), &ignored) == 1;
}

}  // namespace hippocrypt::net
