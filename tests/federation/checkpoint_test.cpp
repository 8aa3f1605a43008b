#include "federation/client/checkpoint.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/byte_reader.hpp"
#include "base/file.hpp"
#include "base/sha256.hpp"
#include "federation/client/checkpoint_store.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/version_sentence.hpp"

namespace hippocrypt::federation {
namespace {

Checkpoint sample(std::uint64_t steps = 7) {
  Checkpoint checkpoint;
  checkpoint.settings = {{"run.seed", "1"}, {"training.learning_rate", "0.001"}};
  checkpoint.steps_done = steps;
  checkpoint.loss_before = 3.25;
  checkpoint.seconds = 1.5;
  checkpoint.bytes_up = 10;
  checkpoint.bytes_down = 20;
  checkpoint.values = {1.0F, -0.0F, 3e-39F};
  checkpoint.optimizer = model::AdamWState{7, {1, 2, 3}, {4, 5, 6}};
  return checkpoint;
}

void expect_same(const Checkpoint& a, const Checkpoint& b) { EXPECT_EQ(encode(a), encode(b)); }

/// `bytes` with the hash that belongs to them.
Bytes sealed(Bytes bytes) {
  const Hash256 hash = sha256(bytes);
  bytes.insert(bytes.end(), hash.begin(), hash.end());
  return bytes;
}

Errc code_of(const Bytes& bytes) { return decode_checkpoint(bytes, "x").error().code; }

TEST(CheckpointTest, ReadsBackWhatWasWritten) {
  auto checkpoint = sample();
  const auto adamw = decode_checkpoint(encode(checkpoint), "x").value();
  expect_same(adamw, checkpoint);
  EXPECT_EQ(adamw.values, checkpoint.values);
  EXPECT_TRUE(std::signbit(adamw.values[1]));
  EXPECT_EQ(std::get<model::AdamWState>(adamw.optimizer).second, (std::vector<float>{4, 5, 6}));
  checkpoint.optimizer = model::SgdState{{1, 2, 3}};
  expect_same(decode_checkpoint(encode(checkpoint), "x").value(), checkpoint);
}

TEST(CheckpointTest, EveryFlippedByteAndEveryCutIsTampered) {
  const Bytes whole = encode(sample());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Bytes flipped = whole;
    flipped[i] ^= 0x10U;
    ASSERT_EQ(code_of(flipped), Errc::tampered) << i;
    ASSERT_EQ(code_of(Bytes{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(i)}),
              Errc::tampered)
        << i;
  }
  EXPECT_NE(decode_checkpoint({}, "a.ckpt").error().detail.find("a.ckpt"), std::string::npos);
}

TEST(CheckpointTest, SoundHashesRoundForeignBytesAreErrorsOfTheFormat) {
  EXPECT_EQ(code_of(sealed({})), Errc::malformed);
  EXPECT_EQ(code_of(sealed(Bytes(100, 7))), Errc::malformed);
  Bytes content = encode(sample());
  content.resize(content.size() - 32);
  Bytes newer = content;
  newer[4] = 9;
  EXPECT_EQ(code_of(sealed(newer)), Errc::unsupported);
  EXPECT_EQ(decode_checkpoint(sealed(newer), "a.ckpt").error().detail,
            "a.ckpt" + test_support::newer_sentence(9, "versions 1 to 2"));
  // Every cut and every huge count inside: an error, and no allocation beyond what is there.
  for (std::size_t i = 8; i < content.size(); ++i) {
    ASSERT_EQ(code_of(sealed({content.begin(), content.begin() + static_cast<std::ptrdiff_t>(i)})),
              Errc::malformed)
        << i;
  }
  for (std::size_t i = 8; i + 8 <= content.size(); ++i) {
    Bytes huge = content;
    for (std::size_t b = 0; b < 8; ++b) huge[i + b] = b == 7 ? 0x7F : 0xFF;
    const auto read = decode_checkpoint(sealed(huge), "x");
    if (!read) {
      EXPECT_EQ(read.error().code, Errc::malformed);
    }
  }
  content.push_back(0);
  EXPECT_EQ(code_of(sealed(content)), Errc::malformed);
}

TEST(CheckpointStoreTest, KeepsTheNewestFew) {
  const test_support::TemporaryFolder folder;
  const CheckpointStore store{folder.path(), 2};
  EXPECT_EQ(store.load_latest().error().code, Errc::not_found);
  for (const std::uint64_t steps : {9U, 10U, 100U}) ASSERT_TRUE(store.save(sample(steps)));
  EXPECT_EQ(store.load_latest()->steps_done, 100U);
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator{folder.path()}) {
    ++count;
  }
  EXPECT_EQ(count, 2U);
  ASSERT_TRUE(write_file_atomically(folder.path() / "step_000000000100.ckpt", as_bytes("gone")));
  EXPECT_EQ(store.load_latest().error().code, Errc::tampered);
  std::filesystem::remove(folder.path() / "step_000000000100.ckpt");
  EXPECT_EQ(store.load_latest()->steps_done, 10U);
}

TEST(CheckpointStoreTest, ReportsIo) {
  const test_support::TemporaryFolder folder;
  ASSERT_TRUE(write_file_atomically(folder.path() / "file", as_bytes("x")));
  EXPECT_EQ(CheckpointStore(folder.path() / "file" / "c", 1).save(sample()).error().code, Errc::io);
}

}  // namespace
}  // namespace hippocrypt::federation
