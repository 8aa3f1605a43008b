// Secrets: keyed hashes and streams against their RFCs, and files that only their owner reads.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/file.hpp"
#include "base/hmac.hpp"
#include "base/keyed_stream.hpp"
#include "base/secret_file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt {
namespace {

SecretBytes secret_of(std::string_view text) {
  SecretBytes key(text.size());
  std::copy(text.begin(), text.end(), key.reveal().begin());
  return key;
}

TEST(HmacSha256, IsThatOfTheRfc) {
  // RFC 4231, test case 2, in pieces; and a key longer than a block, test case 6.
  HmacSha256 hmac{secret_of("Jefe")};
  hmac.add(as_bytes("what do ya ")).add(as_bytes("want for nothing?"));
  EXPECT_EQ(to_hex(hmac.finish()),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  HmacSha256 long_key{secret_of(std::string(131, '\xaa'))};
  long_key.add(as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"));
  EXPECT_EQ(to_hex(long_key.finish()),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, TellsFieldsApart) {
  const SecretBytes key = secret_of("key");
  EXPECT_NE(HmacSha256{key}.add_field("ab").add_field("c").finish(),
            HmacSha256{key}.add_field("a").add_field("bc").finish());
}

TEST(KeyedStream, IsChaCha20) {
  // RFC 8439, A.1, test vectors 1 and 2: key, nonce and counter zero, then counter 1.
  SecretBytes key(32);
  KeyedStream stream{key};
  Bytes out(128);
  stream.fill(std::span{out}.first(10));  // in pieces
  stream.fill(std::span{out}.subspan(10));
  EXPECT_EQ(
      to_hex(out),
      "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03f"
      "b8d84a376a43b8f41518a11cc387b669b2ee6586"
      "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed29b721769ce64e43d57133b0"
      "74d839d531ed1f28510afb45ace10a1f4b794d6f");
}

class SecretFileTest : public testing::Test {
 protected:
  test_support::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "secret";
};

TEST_F(SecretFileTest, IsItsOwnersAndReplacesNothing) {
  EXPECT_TRUE(create_secret_file(path_, as_bytes("one")).value());
  EXPECT_FALSE(is_open_to_others(path_).value());
  EXPECT_FALSE(create_secret_file(path_, as_bytes("two")).value());
  EXPECT_EQ(read_text_file(path_, 10).value(), "one");
  ::chmod(path_.c_str(), 0640);
  EXPECT_TRUE(is_open_to_others(path_).value());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder_.path()}, {}), 1)
      << "a temporary file was left";
}

TEST_F(SecretFileTest, SaysWhatItCannotDo) {
  EXPECT_EQ(create_secret_file(folder_.path() / "no" / "secret", {}).error().code, Errc::io);
  EXPECT_EQ(is_open_to_others(path_).error().code, Errc::io);
}

}  // namespace
}  // namespace hippocrypt
