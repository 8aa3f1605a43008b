#include "net/identity/identity.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "base/plain_name.hpp"

namespace hippocrypt::net {
namespace {

constexpr std::string_view prefix = "urn:hippocrypt:";
constexpr std::array roles{Role::hospital, Role::server, Role::aggregator};

Error no_identity(std::string_view what) {
  return Error{Errc::malformed,
               "a certificate's identity must be urn:hippocrypt:FEDERATION:ROLE:"
               "NAME; " +
                   std::string{what}};
}

}  // namespace

const char* to_string(Role role) {
  switch (role) {
    case Role::hospital:
      return "hospital";
    case Role::server:
      return "server";
    case Role::aggregator:
      return "aggregator";
  }
  return "unknown";
}

Result<Role> parse_role(std::string_view name) {
  const auto role =
      std::find_if(roles.begin(), roles.end(), [name](Role r) { return name == to_string(r); });
  if (role != roles.end()) return *role;
  return Error{Errc::malformed, "a role is hospital, server or aggregator"};
}

std::string to_uri(const Identity& identity) {
  HIPPOCRYPT_CHECK(is_plain_name(identity.federation) && is_plain_name(identity.name));
  return std::string{prefix} + identity.federation + ':' + to_string(identity.role) + ':' +
         identity.name;
}

Result<Identity> parse_identity(std::string_view uri) {
  if (uri.substr(0, prefix.size()) != prefix) return no_identity("this one starts otherwise");
  uri.remove_prefix(prefix.size());
  const auto first = uri.find(':');
  const auto second = first == std::string_view::npos ? first : uri.find(':', first + 1);
  if (second == std::string_view::npos) return no_identity("this one has fewer parts");
  Identity identity;
  identity.federation = uri.substr(0, first);
  identity.name = uri.substr(second + 1);
  HIPPOCRYPT_TRY(identity.role, parse_role(uri.substr(first + 1, second - first - 1)));
  if (!is_plain_name(identity.federation) || !is_plain_name(identity.name)) {
    return no_identity("names are letters, digits, '-', '_' and '.', at most 64");
  }
  return identity;
}

}  // namespace hippocrypt::net
