#include "protocol/server/mask_book.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::protocol {
namespace {

using test_support::TemporaryFolder;

std::unique_ptr<MaskBook> open(const std::filesystem::path& file, std::uint64_t limit) {
  static SystemRandom random;
  return MaskBook::open(file, limit, random).value();
}

TEST(MaskBookTest, InMemoryANonceServesItsTilesAndNoMore) {
  const auto book = open({}, 10);
  const auto nonce = book->nonce();
  EXPECT_TRUE(book->take(nonce, 7).value());
  EXPECT_TRUE(book->take(nonce, 3).value());
  EXPECT_FALSE(book->take(nonce, 1).value());
  ASSERT_TRUE(book->rotate(nonce));
  EXPECT_NE(book->nonce(), nonce);
  EXPECT_FALSE(book->take(nonce, 1).value()) << "the old nonce stays spent";
  EXPECT_TRUE(book->take(book->nonce(), 10).value());
}

TEST(MaskBookTest, RotatingAnotherNonceThanTheCurrentDoesNothing) {
  const auto book = open({}, 10);
  const auto nonce = book->nonce();
  ASSERT_TRUE(book->rotate(crypto::MaskNonce{}));
  EXPECT_EQ(book->nonce(), nonce);
}

TEST(MaskBookTest, ARestartGoesOnCountingWhereTheFirstMayHaveEnded) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "deep" / "masks.json";
  const std::uint64_t limit = 2 * MaskBook::chunk;
  crypto::MaskNonce nonce;
  {
    const auto book = open(file, limit);
    nonce = book->nonce();
    EXPECT_TRUE(book->take(nonce, 1).value());
  }
  {
    const auto book = open(file, limit);
    EXPECT_EQ(book->nonce(), nonce);
    // One chunk is gone, whatever was used of it.
    EXPECT_TRUE(book->take(nonce, MaskBook::chunk).value());
    EXPECT_FALSE(book->take(nonce, 1).value());
  }
  EXPECT_NE(open(file, limit)->nonce(), nonce) << "a nonce that is used up is not taken up again";
}

TEST(MaskBookTest, TwoProcessesNeverServeMoreThanTheLimitTogether) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "masks.json";
  const std::uint64_t limit = 3 * MaskBook::chunk;
  const auto one = open(file, limit), two = open(file, limit);
  const auto nonce = one->nonce();
  ASSERT_EQ(two->nonce(), nonce);
  std::uint64_t served = 0;
  for (std::uint64_t i = 0; i < limit; ++i) {
    served += one->take(nonce, 1).value() ? 1U : 0U;
    served += two->take(nonce, 1).value() ? 1U : 0U;
  }
  EXPECT_EQ(served, limit);
  ASSERT_TRUE(one->rotate(nonce));
  ASSERT_TRUE(two->rotate(nonce));
  EXPECT_EQ(one->nonce(), two->nonce()) << "the second finds what the first has drawn";
}

TEST(MaskBookTest, ADamagedFileGivesFreshMasks) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "masks.json";
  const auto before = open(file, 100)->nonce();
  for (const char* text :
       {"", "{", "[]", "{\"format\": \"hippocrypt masks v1\"}",
        "{\"format\": \"hippocrypt masks v1\", \"nonce\": \"00\", \"tiles_reserved\": 0}",
        "{\"format\": \"hippocrypt masks v1\", \"nonce\": 7, \"tiles_reserved\": -1}"}) {
    std::ofstream{file} << text;
    const auto after = open(file, 100)->nonce();
    EXPECT_NE(after, before) << text;
    EXPECT_EQ(open(file, 100)->nonce(), after) << "which then stay";
  }
}

TEST(MaskBookTest, AFileThatCannotBeWrittenIsAnError) {
  const TemporaryFolder folder;
  std::ofstream{folder.path() / "file"} << "x";
  SystemRandom random;
  const auto book = MaskBook::open(folder.path() / "file" / "masks.json", 10, random);
  ASSERT_FALSE(book);
  EXPECT_EQ(book.error().code, Errc::io);
}

}  // namespace
}  // namespace hippocrypt::protocol
