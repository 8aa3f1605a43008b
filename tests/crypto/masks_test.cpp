#include "crypto/core/masks.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"

namespace hippocrypt::crypto {
namespace {

const Params& params() {
  static const Params value = Params::named("rlwe2048").value();
  return value;
}

std::string hash_words(LanePolysView polys) {
  Sha256 hash;
  for (std::size_t p = 0; p < polys.count(); ++p) {
    for (std::size_t k = 0; k < polys.ring_dim(); ++k) hash.add_u64(polys.at(p, k));
  }
  return to_hex(hash.finish());
}

TEST(MasksTest, FirstMasksOfALargerSetAreTheSame) {
  const LanePolys few = make_masks(params(), Hash256{1}, MaskNonce{2}, 3);
  const LanePolys many = make_masks(params(), Hash256{1}, MaskNonce{2}, 40);
  for (std::size_t p = 0; p < 3; ++p) {
    for (std::size_t k = 0; k < 2048; ++k) ASSERT_EQ(few.view().at(p, k), many.view().at(p, k));
  }
}

TEST(MasksTest, EveryPartOfTheSeedMatters) {
  const auto first = [](const LanePolys& masks) { return hash_words(masks.view()); };
  const std::string base = first(make_masks(params(), Hash256{1}, MaskNonce{2}, 1));
  EXPECT_NE(base, first(make_masks(params(), Hash256{2}, MaskNonce{2}, 1)));
  EXPECT_NE(base, first(make_masks(params(), Hash256{1}, MaskNonce{1}, 1)));
  const Params louder = Params::create({"louder", 2048, 4}).value();
  EXPECT_NE(base, first(make_masks(louder, Hash256{1}, MaskNonce{2}, 1)));
}

TEST(MasksTest, ValuesAreReducedAndDiffer) {
  const LanePolys masks = make_masks(params(), Hash256{}, MaskNonce{}, 17);
  std::size_t equal = 0;
  for (std::size_t p = 0; p < 17; ++p) {
    for (std::size_t k = 0; k < 2048; ++k) {
      ASSERT_LT(masks.view().at(p, k), modulus_q);
      equal += masks.view().at(p, k) == masks.view().at((p + 1) % 17, k);
    }
  }
  EXPECT_LE(equal, 2U);  // 34,816 pairs, each equal with probability 2^-30
  for (std::size_t k = 0; k < 2048; ++k) ASSERT_EQ(masks.view().words()[(2048 + k) * 16 + 1], 0U);
}

// Computed by an independent program (Python, hashlib.shake_128).
TEST(MasksTest, GoldenHashesHold) {
  MaskNonce nonce{};
  Hash256 model{};
  for (std::size_t i = 0; i < 32; ++i) {
    nonce[i] = static_cast<std::uint8_t>(i);
    model[i] = static_cast<std::uint8_t>(255 - i);
  }
  EXPECT_EQ(hash_words(make_masks(params(), model, nonce, 18).view()),
            "a15b18457902ab95bb232cd0f1f230e7a25778a6a02c8b676c0e88242ac8af9c");
  const Params small = Params::named("rlwe1024").value();
  EXPECT_EQ(hash_words(make_masks(small, model, nonce, 18).view()),
            "3bb5d3ec1d4c2f30f1c02613a93b0fa5ee966c84b77858f3f201d31dbd458ba1");
}

}  // namespace
}  // namespace hippocrypt::crypto
