#include "federation/common/chunks.hpp"

#include <gtest/gtest.h>

#include "federation/common/messages.hpp"

namespace hippocrypt::federation {
namespace {

Bytes frame_of(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + i / 256);
  return bytes;
}

Chunk piece(std::uint64_t message, std::uint64_t offset, std::uint64_t total, std::size_t count) {
  static const Bytes sevens(64, 7);
  return {"st-anna", message, offset, total, ByteView{sevens}.first(count)};
}

Errc code_of(ChunkAssembler& assembler, const Chunk& chunk) {
  const auto added = assembler.add(chunk);
  EXPECT_FALSE(added);
  EXPECT_EQ(assembler.held_bytes(), 0U) << "nothing is left after an error";
  return added ? Errc::io : added.error().code;
}

TEST(ChunksTest, WhatIsSplitIsPutTogether) {
  for (const std::size_t chunk_bytes : {1U, 3U, 10U, 64U, 1000U}) {
    const Bytes frame = frame_of(64);
    ChunkAssembler assembler{"st-anna", 64};
    std::optional<Bytes> whole;
    const auto pieces = split_frame("st-anna", 5, frame, chunk_bytes);
    EXPECT_EQ(pieces.size(), (64 + chunk_bytes - 1) / chunk_bytes);
    for (const Bytes& bytes : pieces) {
      EXPECT_FALSE(whole);
      const auto chunk = decode_chunk(bytes);
      ASSERT_TRUE(chunk) << to_string(chunk.error());
      whole = assembler.add(*chunk).value();
    }
    ASSERT_TRUE(whole);
    EXPECT_EQ(*whole, frame);
    EXPECT_EQ(assembler.held_bytes(), 0U);
  }
}

TEST(ChunksTest, ALyingLengthTakesNoMemoryAndIsRefused) {
  ChunkAssembler assembler{"st-anna", 100};
  EXPECT_EQ(code_of(assembler, piece(1, 0, 101, 10)), Errc::limit_exceeded);
  ASSERT_TRUE(assembler.add(piece(1, 0, 100, 10)));
  EXPECT_EQ(assembler.held_bytes(), 10U);
  EXPECT_EQ(code_of(assembler, piece(1, 10, 99, 10)), Errc::mismatch);
}

TEST(ChunksTest, GapsOverlapsAndForeignMessagesAreRefused) {
  ChunkAssembler assembler{"st-anna", 100};
  ASSERT_TRUE(assembler.add(piece(1, 0, 30, 10)));
  EXPECT_EQ(code_of(assembler, piece(1, 11, 30, 10)), Errc::malformed);  // a gap
  ASSERT_TRUE(assembler.add(piece(1, 0, 30, 10)));
  EXPECT_EQ(code_of(assembler, piece(1, 9, 30, 10)), Errc::malformed);  // an overlap
  ASSERT_TRUE(assembler.add(piece(1, 0, 30, 10)));
  EXPECT_EQ(code_of(assembler, piece(2, 10, 30, 10)), Errc::malformed);  // a foreign message
  EXPECT_EQ(code_of(assembler, piece(1, 10, 30, 10)), Errc::malformed);  // nothing is under way
  Chunk foreign = piece(1, 0, 30, 10);
  foreign.sender = "charite";
  EXPECT_EQ(code_of(assembler, foreign), Errc::mismatch);
}

TEST(ChunksTest, ANewMessageTakesThePlaceOfOneUnderWay) {
  ChunkAssembler assembler{"st-anna", 100};
  ASSERT_TRUE(assembler.add(piece(1, 0, 30, 20)));
  const auto whole = assembler.add(piece(2, 0, 10, 10));
  ASSERT_TRUE(whole);
  ASSERT_TRUE(whole->has_value());
  EXPECT_EQ((*whole)->size(), 10U);
}

TEST(ChunksTest, PiecesOutsideTheirMessageDoNotDecode) {
  Bytes good = encode(piece(1, 20, 30, 10));
  ASSERT_TRUE(decode_chunk(good));
  good.pop_back();
  EXPECT_EQ(decode_chunk(good).error().code, Errc::malformed);
  EXPECT_FALSE(decode_chunk(encode(Join{"st-anna", {}, {}})));
}

}  // namespace
}  // namespace hippocrypt::federation
