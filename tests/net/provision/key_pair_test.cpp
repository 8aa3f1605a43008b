#include "net/provision/key_pair.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "base/file.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::net {
namespace {

class KeyPairTest : public testing::Test {
 protected:
  std::filesystem::path path() const { return folder_.path() / "a.key"; }
  void expect_load_fails(Errc code, const std::string& sentence) const {
    const auto key = KeyPair::load(path());
    ASSERT_FALSE(key.has_value());
    EXPECT_EQ(key.error().code, code);
    EXPECT_NE(key.error().detail.find(sentence), std::string::npos) << key.error().detail;
  }

  test_support::TemporaryFolder folder_;
  test_support::SeededRandom random_{5};
};

TEST_F(KeyPairTest, IsReadAsItWasWrittenByItsOwnerOnly) {
  const auto made = KeyPair::load_or_create(path(), random_).value();
  const auto read = KeyPair::load_or_create(path(), random_).value();
  EXPECT_EQ(EVP_PKEY_eq(&made.handle(), &read.handle()), 1);
  EXPECT_EQ(std::filesystem::status(path()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(EVP_PKEY_eq(&made.handle(), &KeyPair::create(random_).handle()), 0);
}

TEST_F(KeyPairTest, ComesFromTheRandomnessThatItIsGiven) {
  test_support::SeededRandom one{9}, two{9};
  EXPECT_EQ(EVP_PKEY_eq(&KeyPair::create(one).handle(), &KeyPair::create(two).handle()), 1);
}

TEST_F(KeyPairTest, OverwritesNothing) {
  ASSERT_TRUE(write_file_atomically(path(), as_bytes("mine")).has_value());
  const Status saved = KeyPair::create(random_).save(path());
  ASSERT_FALSE(saved.has_value());
  EXPECT_EQ(saved.error().code, Errc::io);
  EXPECT_EQ(read_text_file(path(), 10).value(), "mine");
  const Status nowhere = KeyPair::create(random_).save(folder_.path() / "none" / "a.key");
  ASSERT_FALSE(nowhere.has_value());
  EXPECT_EQ(nowhere.error().code, Errc::io);
}

TEST_F(KeyPairTest, RefusesWhatIsNoKeyOrIsOpenToOthers) {
  expect_load_fails(Errc::not_found, "a.key");
  ASSERT_TRUE(write_file_atomically(path(), as_bytes("garbage")).has_value());
  expect_load_fails(Errc::malformed, "no private key");
  ASSERT_TRUE(write_file_atomically(path(), Bytes{}).has_value());
  expect_load_fails(Errc::malformed, "no private key");
  ASSERT_TRUE(write_file_atomically(path(), Bytes(100'000)).has_value());
  expect_load_fails(Errc::limit_exceeded, "a.key");
  std::filesystem::remove(path());
  ASSERT_TRUE(KeyPair::create(random_).save(path()).has_value());
  std::filesystem::permissions(path(), std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  expect_load_fails(Errc::tampered, "others than its owner");
}

}  // namespace
}  // namespace hippocrypt::net
