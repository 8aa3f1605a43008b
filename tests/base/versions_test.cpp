// What is said of files of other versions, and keys behind a line that says theirs.

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "base/format_version.hpp"
#include "base/key_file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt {
namespace {

TEST(FormatVersionTest, OneSentenceNamesBothVersionsAndTheWayOut) {
  EXPECT_TRUE(check_version("F", 2, {1, 3}));
  EXPECT_TRUE(check_version("F", 1, 1));
  const auto newer = check_version("F", 4, {1, 3});
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, Errc::unsupported);
  EXPECT_EQ(newer.error().detail,
            "F is of version 4 and this program reads versions 1 to 3; update this program");
  const auto older = check_version("F", 0, 1);
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().detail,
            "F is of version 0 and this program reads version 1; use the release that wrote it");
}

TEST(FormatVersionTest, ALineNamesAVersionOrItDoesNot) {
  EXPECT_EQ(version_in_line("thing 12", "thing "), 12U);
  for (const auto* line :
       {"", "thing ", "thing x", "thing 1 ", "thing -1", "other 1", "thing 99999999999999999999"}) {
    EXPECT_EQ(version_in_line(line, "thing "), std::nullopt) << line;
  }
}

class KeyFileTest : public testing::Test {
 protected:
  Error refusal(std::string_view content) {
    EXPECT_TRUE(write_file_atomically(path_, as_bytes(content)));
    const auto key = read_key_file(path_, "test key", 4);
    EXPECT_FALSE(key) << content;
    return key ? Error{Errc::cancelled, ""} : key.error();
  }
  test_support::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "key";
};

TEST_F(KeyFileTest, KeepsTheKeyBehindItsLine) {
  SecretBytes key(4);
  key.reveal()[0] = '\n';
  EXPECT_TRUE(create_key_file(path_, "test key", key).value());
  EXPECT_EQ(read_text_file(path_, 100).value(), std::string("hippocrypt test key 1\n\n\0\0\0", 26));
  const auto read = read_key_file(path_, "test key", 4);
  ASSERT_TRUE(read);
  EXPECT_EQ(Bytes(read->reveal().begin(), read->reveal().end()), (Bytes{'\n', 0, 0, 0}));
  EXPECT_FALSE(create_key_file(path_, "test key", key).value()) << "replaced a key";
}

TEST_F(KeyFileTest, ReadsKeysOfTheFirstReleases) {
  ASSERT_TRUE(write_file_atomically(path_, as_bytes("abcd")));
  const auto read = read_key_file(path_, "test key", 4);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->reveal()[3], 'd');
}

TEST_F(KeyFileTest, RefusesOtherFilesAndOtherVersions) {
  EXPECT_EQ(read_key_file(path_, "test key", 4).error().code, Errc::not_found);
  for (const auto* content :
       {"", "abc", "abcde", "hippocrypt test key 1\nabc", "hippocrypt test key 1\nabcde",
        "hippocrypt test key x\nabcd", "hippocrypt test key 1", "hippocrypt other key 1\nabcd",
        "far more than a key and its line could ever need in this file"}) {
    EXPECT_EQ(refusal(content).code, Errc::malformed) << content;
  }
  const Error newer = refusal("hippocrypt test key 2\nabcd");
  EXPECT_EQ(newer.code, Errc::unsupported);
  EXPECT_EQ(newer.detail, path_.string() +
                              " is of version 2 and this program reads version 1; update this "
                              "program");
  EXPECT_EQ(read_key_file(folder_.path(), "test key", 4).error().code, Errc::io);
  EXPECT_EQ(create_key_file(folder_.path() / "no" / "key", "test key", SecretBytes(4)).error().code,
            Errc::io);
}

}  // namespace
}  // namespace hippocrypt
