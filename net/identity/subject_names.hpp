#pragma once
// The names in a certificate, or in the request for one: its subject alternative names.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/identity/identity.hpp"

struct stack_st_GENERAL_NAME;

namespace hippocrypt::net {

/// Starts the URI of a signing key; hex follows.
inline constexpr std::string_view signing_key_prefix = "urn:hippocrypt:signing-key:";

struct SubjectNames {
  Identity identity;
  std::optional<std::array<std::uint8_t, 32>> signing_key;  ///< Ed25519
  std::vector<std::string> dns_names, addresses;

  friend bool operator==(const SubjectNames&, const SubjectNames&) = default;
};

/// What other software adds is passed over. Errors: malformed (no identity or more than one, more
/// than one signing key or one that is none, a host that is no name).
Result<SubjectNames> read_names(const stack_st_GENERAL_NAME& names);

/// Whether a role may have these names: hospitals sign, servers and aggregators are called.
/// Errors: malformed, and what is missing or too much.
Status check_names(const SubjectNames& names);

/// Letters, digits and '-' in labels of at most 63, '.' between them; at most 253 in all.
bool is_dns_name(std::string_view name);
/// IPv4 or IPv6.
bool is_address(const std::string& text);

}  // namespace hippocrypt::net
