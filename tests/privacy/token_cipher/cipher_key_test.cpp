#include "privacy/token_cipher/cipher_key.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "tests/support/seeded_random.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::privacy {
namespace {

CipherKey some_key() {
  test_support::SeededRandom random{1};
  const std::vector<std::uint64_t> frequencies{5, 50, 500};
  return CipherKey::generate(homophonic_plan(frequencies, 12, {0}).value(), random);
}

class CipherKeyTest : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& text) const {
    const auto path = folder_.path() / "bad";
    std::ofstream{path} << text;
    ::chmod(path.c_str(), 0600);
    return path;
  }
  test_support::TemporaryFolder folder_;
};

TEST_F(CipherKeyTest, ComesBackFromItsFile) {
  const auto path = folder_.path() / "key";
  const CipherKey key = some_key();
  ASSERT_TRUE(save_cipher_key(path, key).has_value());
  struct ::stat information {};
  ASSERT_EQ(::stat(path.c_str(), &information), 0);
  EXPECT_EQ(information.st_mode & 0777U, 0600U);
  const CipherKey back = load_cipher_key(path).value();
  EXPECT_EQ(back.plan.fixed, key.plan.fixed);
  EXPECT_EQ(back.plan.homophones, key.plan.homophones);
  EXPECT_TRUE(std::ranges::equal(back.key.reveal(), key.key.reveal()));
  EXPECT_TRUE(std::ranges::equal(back.cipher()->plain_of(), key.cipher()->plain_of()));
}

TEST_F(CipherKeyTest, IsNeverOverwritten) {
  const auto path = folder_.path() / "key";
  ASSERT_TRUE(save_cipher_key(path, some_key()).has_value());
  const Status again = save_cipher_key(path, some_key());
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, Errc::invalid_config);
  EXPECT_EQ(save_cipher_key(folder_.path() / "no" / "key", some_key()).error().code, Errc::io);
}

TEST_F(CipherKeyTest, RefusesAKeyThatOthersMayRead) {
  const auto path = folder_.path() / "key";
  ASSERT_TRUE(save_cipher_key(path, some_key()).has_value());
  ::chmod(path.c_str(), 0640);
  const auto key = load_cipher_key(path);
  ASSERT_FALSE(key.has_value());
  EXPECT_EQ(key.error().code, Errc::invalid_config);
  EXPECT_NE(key.error().detail.find("chmod 600"), std::string::npos);
}

TEST_F(CipherKeyTest, NamesTheLineThatIsWrong) {
  const std::string first = "hippocrypt token cipher key, version 1\n";
  const std::string key = "key " + std::string(64, 'a') + "\n";
  const auto refuses = [&](const std::string& text, Errc code, const std::string& part) {
    const auto loaded = load_cipher_key(write(text));
    ASSERT_FALSE(loaded.has_value()) << text;
    EXPECT_EQ(loaded.error().code, code) << loaded.error().detail;
    EXPECT_NE(loaded.error().detail.find(part), std::string::npos) << loaded.error().detail;
    EXPECT_EQ(loaded.error().detail.find("aaaa"), std::string::npos) << "holds the secret";
  };
  refuses("", Errc::malformed, "bad:1:");
  refuses("hippocrypt token cipher key, version x\n" + key, Errc::malformed, "bad:1:");
  refuses("hippocrypt token cipher key, version 2\n" + key, Errc::unsupported,
          "bad is of version 2 and this program reads version 1; update this program");
  refuses(first + "key " + std::string(63, 'a') + "\n", Errc::malformed, "bad:2:");
  refuses(first + "key " + std::string(64, 'x') + "\n", Errc::malformed, "bad:2:");
  refuses(first + key + "fixed 0 x\nhomophones 1\n", Errc::malformed, "bad:3:");
  refuses(first + key + "fixed\nhomophones 1 4294967296\n", Errc::malformed, "bad:4:");
  refuses(first + key + "fixed\nhomophones 1 1\nmore\n", Errc::malformed, "bad:4:");
  refuses(first + key + "fixed 2\nhomophones 1 1\n", Errc::out_of_range, "fixed id 2");
  EXPECT_TRUE(load_cipher_key(write(first + key + "fixed\nhomophones 1 1\n")).has_value());
  EXPECT_EQ(load_cipher_key(folder_.path() / "none").error().code, Errc::not_found);
}

}  // namespace
}  // namespace hippocrypt::privacy
