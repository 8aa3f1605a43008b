#pragma once
// Who a party of a federation is. Its certificate says so, signed by the federation's authority:
// the SAN URI urn:hippocrypt:FEDERATION:ROLE:NAME.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace hippocrypt::net {

/// What a party does. Key usages follow from it: servers and aggregators are only ever called,
/// hospitals only ever call.
enum class Role : std::uint8_t { hospital = 0, server = 1, aggregator = 2 };
const char* to_string(Role role);
/// Errors: malformed (none of the names).
Result<Role> parse_role(std::string_view name);

struct Identity {
  std::string federation;  ///< a plain name (base/plain_name.hpp)
  Role role = Role::hospital;
  std::string name;  ///< likewise, unique within the federation and role

  friend bool operator==(const Identity&, const Identity&) = default;
};

/// The names must be plain names.
std::string to_uri(const Identity& identity);
/// Errors: malformed, and what about it.
Result<Identity> parse_identity(std::string_view uri);

}  // namespace hippocrypt::net
