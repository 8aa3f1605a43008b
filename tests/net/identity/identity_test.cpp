#include "net/identity/identity.hpp"

#include <gtest/gtest.h>

namespace hippocrypt::net {
namespace {

TEST(IdentityTest, ReadsWhatItWrites) {
  const Identity identity{"study-7", Role::hospital, "st-anna"};
  EXPECT_EQ(to_uri(identity), "urn:hippocrypt:study-7:hospital:st-anna");
  EXPECT_EQ(parse_identity(to_uri(identity)).value(), identity);
}

TEST(IdentityTest, RefusesEverythingElse) {
  for (const char* uri :
       {"", "urn:hippocrypt:", "urn:other:a:hospital:b", "urn:hippocrypt:a:hospital",
        "urn:hippocrypt:a:nurse:b", "urn:hippocrypt::hospital:b", "urn:hippocrypt:a:hospital:",
        "urn:hippocrypt:a:hospital:b:c", "urn:hippocrypt:a:hospital:b/c",
        "urn:hippocrypt:a:hospital:.b", "URN:hippocrypt:a:hospital:b"}) {
    const auto identity = parse_identity(uri);
    ASSERT_FALSE(identity.has_value()) << uri;
    EXPECT_EQ(identity.error().code, Errc::malformed) << uri;
  }
}

TEST(IdentityTest, NamesEveryRole) {
  for (const auto role : {Role::hospital, Role::server, Role::aggregator}) {
    EXPECT_EQ(parse_role(to_string(role)).value(), role);
  }
  EXPECT_FALSE(parse_role("nurse").has_value());
}

}  // namespace
}  // namespace hippocrypt::net
