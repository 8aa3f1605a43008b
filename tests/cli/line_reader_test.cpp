#include "cli/support/line_reader.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace hippocrypt::cli {
namespace {

class LineReaderTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::pipe(ends_.data()), 0); }
  void TearDown() override {
    ::close(ends_[0]);
    if (ends_[1] >= 0) ::close(ends_[1]);
  }
  void write(const std::string& text) const {
    ASSERT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void close() {
    ::close(ends_[1]);
    ends_[1] = -1;
  }

  std::array<int, 2> ends_{-1, -1};
  std::atomic<bool> stop_{false};
};

TEST_F(LineReaderTest, GivesLinesUntilTheEnd) {
  write("one\n\ntwo");
  close();
  LineReader reader{ends_[0], stop_};
  EXPECT_EQ(reader.next(), "one");
  EXPECT_EQ(reader.next(), "");
  EXPECT_EQ(reader.next(), "two");
  EXPECT_EQ(reader.next(), std::nullopt);
}

TEST_F(LineReaderTest, EndsWhenToldToWhileItWaits) {
  LineReader reader{ends_[0], stop_};
  std::thread other{[this] { stop_.store(true); }};
  EXPECT_EQ(reader.next(), std::nullopt);
  other.join();
}

TEST_F(LineReaderTest, ALineWithoutEndComesInPieces) {
  std::thread other{[this] {
    write(std::string((std::size_t{1} << 20) + 5000, 'a') + "\n");
    close();
  }};
  LineReader reader{ends_[0], stop_};
  std::size_t size = 0;
  int pieces = 0;
  while (const auto line = reader.next()) {
    size += line->size();
    ++pieces;
  }
  other.join();
  EXPECT_EQ(size, (std::size_t{1} << 20) + 5000);
  EXPECT_EQ(pieces, 2);
}

TEST_F(LineReaderTest, AFileThatCannotBeReadHasNoLines) {
  LineReader reader{-1, stop_};
  EXPECT_EQ(reader.next(), std::nullopt);
}

}  // namespace
}  // namespace hippocrypt::cli
