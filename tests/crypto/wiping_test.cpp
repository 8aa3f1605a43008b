// Memory that held a secret is zero when it is given back. This program replaces the global
// allocation functions, so that it can look at memory at the moment of its release.

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <utility>

#include "crypto/client/secret_access.hpp"
#include "crypto/client/tile_cipher.hpp"
#include "crypto/core/modulus.hpp"
#include "tests/support/seeded_random.hpp"

namespace {

struct Watch {
  std::size_t size_bytes = 0;  ///< look at blocks of exactly this size
  int wiped = 0, dirty = 0;
};
Watch watch;

constexpr std::size_t header_bytes = alignof(std::max_align_t);

void release(void* pointer) {
  if (pointer == nullptr) return;
  auto* const block = static_cast<unsigned char*>(pointer);
  std::size_t size = 0;
  std::memcpy(&size, block - header_bytes, sizeof size);
  if (watch.size_bytes != 0 && size == watch.size_bytes) {
    bool zero = true;
    for (std::size_t i = 0; i < size; ++i) zero &= block[i] == 0;
    ++(zero ? watch.wiped : watch.dirty);
  }
  std::free(block - header_bytes);
}

}  // namespace

void* operator new(std::size_t size) {
  auto* const block = static_cast<unsigned char*>(std::malloc(size + header_bytes));
  if (block == nullptr) std::abort();
  std::memcpy(block, &size, sizeof size);
  return block + header_bytes;
}
void operator delete(void* pointer) noexcept { release(pointer); }
void operator delete(void* pointer, std::size_t) noexcept { release(pointer); }

namespace hippocrypt::crypto {
namespace {

using test_support::SeededRandom;

/// Blocks of `words` words (and the spare line of AlignedSecretWords) that `action` releases.
template <class Action>
Watch released(std::size_t words, const Action& action) {
  watch = {(words) * sizeof(std::uint32_t), 0, 0};
  action();
  return std::exchange(watch, {});
}

constexpr std::size_t ring_dim = 512, inputs = 20, outputs = 40, tokens = 100;
constexpr std::size_t stride = 112, spare = 16;
constexpr std::size_t encryption_words = 32 * stride + spare;
constexpr std::size_t decryption_words = 48 * stride + spare;

const Params& params() {
  static const Params value = Params::named("test512", {}, true).value();
  return value;
}
const LanePolys& polys() {
  static const LanePolys value = [] {
    LanePolys made{outputs, ring_dim};
    SeededSequence sequence{1, "polys"};
    for (auto& word : made.words()) word = static_cast<std::uint32_t>(sequence.below(modulus_q));
    return made;
  }();
  return value;
}
std::optional<TilePads> make_pads() {
  SeededRandom random{1};
  return TilePads::make(params(), polys().view(), inputs, polys().view(), tokens,
                        OneTimeSecret::sample(params(), random), random);
}

TEST(WipingTest, TheWatchSeesWhatIsNotWiped) {
  const Watch seen = released(777, [] { std::vector<std::uint32_t>(777, 1); });
  EXPECT_EQ(seen.dirty, 1);
  EXPECT_EQ(seen.wiped, 0);
}

TEST(WipingTest, SecretsAreWiped) {
  SeededRandom random{1};
  std::optional<OneTimeSecret> secret = OneTimeSecret::sample(params(), random);
  const Watch seen = released(ring_dim, [&] { secret.reset(); });
  EXPECT_EQ(seen.wiped, 2);  // the secret and its quotients
  EXPECT_EQ(seen.dirty, 0);
}

TEST(WipingTest, DroppedPadsAreWiped) {
  auto pads = make_pads();
  const std::uint32_t* const words = SecretAccess::encryption_rows(*pads).data();
  EXPECT_NE(words[0] | words[1], 0U);
  EXPECT_EQ(released(encryption_words, [&] { pads.reset(); }).wiped, 1);
  pads = make_pads();
  EXPECT_EQ(released(decryption_words, [&] { pads.reset(); }).wiped, 1);
}

TEST(WipingTest, ARefusedTileWipesItsPads) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Matrix bad{inputs, tokens};
  bad(3, 4) = nan;
  for (const Matrix& x : {bad, Matrix{inputs, tokens + 1}, Matrix{inputs + 1, tokens}}) {
    for (const std::size_t words : {encryption_words, decryption_words}) {
      auto pads = make_pads();
      const Watch seen = released(words, [&] {
        EXPECT_FALSE(encrypt_tile(params(), std::move(*pads), {100, 500}, x));
      });
      EXPECT_EQ(seen.wiped, 1);
      EXPECT_EQ(seen.dirty, 0);
    }
  }
}

TEST(WipingTest, UsedPadsAreWipedAsSoonAsTheyAreUsed) {
  auto pads = make_pads();
  const Matrix x{inputs, tokens};
  std::optional<EncryptedTile> tile;
  const Watch encrypted = released(encryption_words, [&] {
    tile = encrypt_tile(params(), std::move(*pads), {100, 500}, x).value();
  });
  EXPECT_EQ(encrypted.wiped, 1);
  EXPECT_EQ(encrypted.dirty, 0);
  const Watch decrypted = released(decryption_words, [&] {
    const auto y = decrypt_tile(params(), polys().view(), Bytes(outputs * tokens * 2),
                                tile->token_scale, std::move(tile->key));
    EXPECT_TRUE(y);
  });
  EXPECT_EQ(decrypted.wiped, 1);
  EXPECT_EQ(decrypted.dirty, 0);
}

TEST(WipingTest, TheDirectWayWipesItsLanes) {
  SeededRandom random{1};
  OneTimeSecret secret = OneTimeSecret::sample(params(), random);
  const Matrix x{inputs, tokens};
  const Watch seen = released(ring_dim * lanes + spare, [&] {
    EXPECT_TRUE(encrypt_tile(params(), polys().view(), {100, 500}, x, std::move(secret), random));
  });
  EXPECT_EQ(seen.wiped, 1);
  EXPECT_EQ(seen.dirty, 0);
}

}  // namespace
}  // namespace hippocrypt::crypto
