#include "privacy/dp_forward/noise_seed.hpp"

#include <sys/stat.h>

#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/version_sentence.hpp"

namespace hippocrypt::privacy {
namespace {

Bytes words_of(const NoiseSeed& seed, std::string_view name, std::size_t count = 64) {
  Bytes out(count);
  KeyedStream stream = seed.stream(as_bytes(name));
  stream.fill(out);
  return out;
}

TEST(NoiseSeed, GivesTheSameWordsForTheSameNameOnly) {
  test_support::SeededRandom random{1};
  const NoiseSeed seed = NoiseSeed::fresh(random);
  const NoiseSeed other = NoiseSeed::fresh(random);
  EXPECT_EQ(words_of(seed, "a"), words_of(seed, "a"));
  EXPECT_NE(words_of(seed, "a"), words_of(seed, "b"));
  EXPECT_NE(words_of(seed, "a"), words_of(other, "a"));
  EXPECT_NE(seed.tag(), other.tag());
  EXPECT_EQ(seed.tag(), seed.tag());
}

class NoiseSeedFileTest : public ::testing::Test {
 protected:
  Result<NoiseSeed> load() { return NoiseSeed::load_or_create(path_, random_); }
  Errc refusal() {
    const auto seed = load();
    return seed.has_value() ? Errc::cancelled : seed.error().code;
  }
  test_support::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "deep" / "dp_forward.seed";
  test_support::SeededRandom random_{1};
};

TEST_F(NoiseSeedFileTest, KeepsTheSeedForItsOwnerOnly) {
  const auto first = load();
  ASSERT_TRUE(first.has_value()) << first.error().detail;
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(status.st_size, 24 + 32);  // behind a line that says what it is
  const auto again = load();
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(words_of(*again, "a"), words_of(*first, "a"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator{path_.parent_path()}, {}), 1)
      << "a temporary file was left";
}

TEST_F(NoiseSeedFileTest, RefusesASeedThatOthersMayRead) {
  ASSERT_TRUE(load().has_value());
  ::chmod(path_.c_str(), 0640);
  EXPECT_EQ(refusal(), Errc::unsupported);
}

TEST_F(NoiseSeedFileTest, RefusesADamagedSeedAndAFolder) {
  ASSERT_TRUE(load().has_value());
  std::filesystem::resize_file(path_, 31);
  EXPECT_EQ(refusal(), Errc::malformed);
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  ::chmod(path_.c_str(), 0700);
  EXPECT_EQ(refusal(), Errc::io);
}

TEST_F(NoiseSeedFileTest, RefusesASeedOfANewerRelease) {
  ASSERT_TRUE(load().has_value());
  {
    std::fstream file{path_, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(22);  // "hippocrypt noise seed 1"
    file << '2';
  }
  EXPECT_EQ(refusal(), Errc::unsupported);
  EXPECT_EQ(load().error().detail, path_.string() + test_support::newer_sentence(2));
}

TEST_F(NoiseSeedFileTest, SaysWhenTheFileCannotBeMade) {
  std::ofstream{folder_.path() / "deep"} << "a file, no folder";
  EXPECT_EQ(refusal(), Errc::io);
}

}  // namespace
}  // namespace hippocrypt::privacy
