#include "base/shared_bytes.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "base/file_lock.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt {
namespace {

using test_support::TemporaryFolder;

std::filesystem::path write(const TemporaryFolder& folder, const std::string& text) {
  const auto path = folder.path() / "file";
  std::ofstream{path, std::ios::binary} << text;
  return path;
}

TEST(SharedBytesTest, CopiesShareTheBytesAndKeepThemAlive) {
  EXPECT_FALSE(SharedBytes{});
  auto owner = std::make_shared<const Bytes>(Bytes{1, 2, 3});
  const std::weak_ptr<const Bytes> watch = owner;
  auto one = std::make_unique<SharedBytes>(std::move(owner));
  const SharedBytes two = *one;
  one.reset();
  EXPECT_FALSE(watch.expired());
  EXPECT_TRUE(same_bytes(*two, Bytes{1, 2, 3}));
  EXPECT_FALSE(same_bytes(*two, Bytes{1, 2}));
  EXPECT_FALSE(same_bytes(*two, Bytes{1, 2, 4}));
}

TEST(MapFileTest, ShowsTheFileAndSurvivesItsRemoval) {
  const TemporaryFolder folder;
  const std::string text(100'000, 'x');
  const auto path = write(folder, text);
  const SharedBytes bytes = map_file(path, 100'000).value();
  std::filesystem::remove(path);
  EXPECT_TRUE(same_bytes(*bytes, as_bytes(text)));
}

TEST(MapFileTest, AnEmptyFileIsEmpty) {
  const TemporaryFolder folder;
  const SharedBytes bytes = map_file(write(folder, ""), 10).value();
  EXPECT_TRUE(bytes);
  EXPECT_EQ(bytes->size(), 0U);
}

TEST(MapFileTest, SaysWhyNot) {
  const TemporaryFolder folder;
  EXPECT_EQ(map_file(folder.path() / "none", 10).error().code, Errc::not_found);
  EXPECT_EQ(map_file(write(folder, "12345678901"), 10).error().code, Errc::limit_exceeded);
  EXPECT_EQ(map_file(folder.path(), 10).error().code, Errc::io);
  EXPECT_EQ(map_file("/dev/null", 10).error().code, Errc::io);
}

TEST(FileLockTest, OneHolderAtATime) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "new" / "lock";
  std::atomic<int> inside{0}, most{0}, entered{0};  // a race checker cannot see flock
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const auto lock = FileLock::take(path);  // flock locks an open file, so threads count too
        ASSERT_TRUE(lock);
        most = std::max(most.load(), ++inside);
        ++entered;
        std::this_thread::yield();
        --inside;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(most, 1);
  EXPECT_EQ(entered, 200);
}

TEST(FileLockTest, WhoDoesNotWaitHearsThatAnotherHoldsIt) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "lock";
  EXPECT_FALSE(FileLock::is_held(path)) << "there is none";
  EXPECT_FALSE(std::filesystem::exists(path));
  {
    const auto lock = FileLock::try_take(path);
    ASSERT_TRUE(lock);
    EXPECT_TRUE(FileLock::is_held(path));
    EXPECT_EQ(FileLock::try_take(path).error().code, Errc::unavailable);
  }
  EXPECT_FALSE(FileLock::is_held(path));
  EXPECT_TRUE(FileLock::try_take(path));
}

TEST(FileLockTest, SaysWhyNot) {
  const TemporaryFolder folder;
  EXPECT_EQ(FileLock::try_take(folder.path()).error().code, Errc::io);
  EXPECT_EQ(FileLock::take(write(folder, "x") / "lock").error().code, Errc::io);
  EXPECT_EQ(FileLock::take(folder.path()).error().code, Errc::io);
}

TEST(HexTest, ComesBackAndRefusesTheRest) {
  EXPECT_EQ(from_hex("00ffA5"), (Bytes{0, 255, 0xA5}));
  EXPECT_EQ(from_hex(""), Bytes{});
  for (const char* text : {"0", "0g", "0x00", " 0", "00 "}) EXPECT_FALSE(from_hex(text)) << text;
}

}  // namespace
}  // namespace hippocrypt
