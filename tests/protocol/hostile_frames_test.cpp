// Mutated frames must never crash anything or make it reserve memory beyond the stated limits.

#include <gtest/gtest.h>

#include <cstring>

#include "protocol/client/encrypted_oracle.hpp"
#include "tests/protocol/largest_allocation.hpp"
#include "tests/protocol/sample_messages.hpp"
#include "tests/protocol/small_model.hpp"
#include "tests/protocol/test_transports.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::protocol {
namespace {

constexpr int mutations = 2000;

/// One to four random changes: bits, interesting numbers anywhere, cuts, growth, moved parts.
Bytes mutated(const Bytes& original, SeededSequence& sequence) {
  static constexpr std::array<std::uint64_t, 8> numbers{
      0, 1, 0x7f, 0xffff, 0x7fffffff, 0xffffffff, std::uint64_t{1} << 61, ~std::uint64_t{0}};
  Bytes frame = original;
  for (std::uint64_t changes = 1 + sequence.below(4); changes > 0 && !frame.empty(); --changes) {
    const std::size_t at = sequence.below(std::min<std::size_t>(frame.size(), 512));
    switch (sequence.below(6)) {
      case 0:
      case 1:
        frame[at] = static_cast<std::uint8_t>(frame[at] ^ 1U << sequence.below(8));
        break;
      case 2: {
        const std::uint64_t number = numbers[sequence.below(numbers.size())];
        std::memcpy(frame.data() + at, &number, std::min<std::size_t>(8, frame.size() - at));
        break;
      }
      case 3:
        frame.resize(sequence.below(frame.size()));
        break;
      case 4:
        frame.resize(frame.size() + 1 + sequence.below(100), 0xa5);
        break;
      default: {
        const std::size_t from = sequence.below(frame.size());
        const std::size_t count = std::min(frame.size() - from, frame.size() - at);
        std::memmove(frame.data() + at, frame.data() + from, std::min<std::size_t>(count, 64));
      }
    }
  }
  return frame;
}

/// The largest single allocation while `run` runs.
template <class Run>
std::size_t largest_during(Run run) {
  test::forget_largest_allocation();
  run();
  return test::largest_allocation();
}

TEST(HostileFramesTest, DecodingNeverReservesMoreThanTheEnvelopeHolds) {
  SeededSequence sequence{2024, "mutated frames"};
  int refused = 0;
  for (const Bytes& original : test::sample_frames()) {
    for (int i = 0; i < mutations; ++i) {
      const Bytes frame = mutated(original, sequence);
      const std::size_t largest =
          largest_during([&] { refused += test::decode_any(frame) ? 0 : 1; });
      // Texts and numbers take at most eight times their bytes, objects grow as they are read.
      ASSERT_LE(largest, 8 * original.size() + 4096);
    }
  }
  EXPECT_GT(refused, 4 * mutations);
}

TEST(HostileFramesTest, AnEnvelopeFullOfEntriesStaysWithinTheLimits) {
  // The longest table whose bytes are all there: many more sites than allowed is refused after
  // reading.
  SetupReply reply = test::sample_setup();
  reply.sites.resize(max_setup_envelope_bytes / site_entry_bytes - 2, reply.sites[0]);
  const Bytes frame = encode_frame(MessageType::setup_reply, envelope_bytes(reply), {});
  const std::size_t largest = largest_during([&] {
    const Status status = test::decode_any(frame);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Errc::limit_exceeded);
  });
  EXPECT_LE(largest, 4 * max_setup_envelope_bytes);
  EXPECT_GE(largest, max_sites * sizeof(SiteEntry));  // allocations really are seen
}

TEST(HostileFramesTest, TheServerAnswersEveryMutatedRequestWithAFrame) {
  const auto world = test::make_small_model();
  const ProductRequest request{{world.params.fingerprint(), world.fingerprint, test::sample_nonce(),
                                1, 0, 1, Direction::forward},
                               48,
                               4};
  const Bytes original = encode(request, Bytes(request.body_bytes(), 0x5a));
  SeededSequence sequence{2025, "mutated requests"};
  int products = 0;
  for (int i = 0; i < mutations; ++i) {
    const Bytes frame = mutated(original, sequence);
    SharedBytes reply;
    const std::size_t largest = largest_during([&] { reply = world.service->answer(frame); });
    ASSERT_LE(largest, std::size_t{1} << 20);
    const auto opened = open_frame(*reply);
    ASSERT_TRUE(opened);
    if (opened->type == MessageType::product_reply) {
      ASSERT_TRUE(decode<ProductReply>(*opened));
      ++products;
    } else {
      ASSERT_TRUE(decode<ErrorReply>(*opened));
    }
  }
  EXPECT_GT(products, 0);  // changed ids or ciphertext bytes are none of the server's business
  EXPECT_LT(products, mutations / 2);
}

TEST(HostileFramesTest, TheServerAnswersEveryMutatedHintRequestWithAFrame) {
  const auto world = test::make_small_model();
  HintRequest request;
  request.ids = {world.params.fingerprint(), world.fingerprint, test::sample_nonce(), 1, 0, 1,
                 Direction::forward};
  request.first_word = 1024;
  request.words = 4096;
  const Bytes original = encode(request);
  SeededSequence sequence{2028, "mutated hint requests"};
  int pieces = 0;
  for (int i = 0; i < mutations; ++i) {
    const Bytes frame = mutated(original, sequence);
    SharedBytes reply;
    const std::size_t largest = largest_during([&] { reply = world.service->answer(frame); });
    ASSERT_LE(largest, std::size_t{1} << 20);
    const auto opened = open_frame(*reply);
    ASSERT_TRUE(opened);
    pieces += opened->type == MessageType::hint_reply ? 1 : 0;
    if (opened->type != MessageType::hint_reply) {
      ASSERT_TRUE(decode<ErrorReply>(*opened));
    }
  }
  EXPECT_GT(pieces, 0);
  EXPECT_LT(pieces, mutations / 2);
}

TEST(HostileFramesTest, AServerOutOfMemorySaysSo) {
  const auto world = test::make_small_model();
  const ProductRequest request{{world.params.fingerprint(), world.fingerprint, test::sample_nonce(),
                                1, 0, 2, Direction::forward},
                               48,
                               1024};
  const Bytes frame = encode(request, Bytes(request.body_bytes()));
  test::fail_allocations_above(100'000);  // the answer takes 80·1024·2
  const SharedBytes reply = world.service->answer(frame);
  test::fail_allocations_above(SIZE_MAX);
  const auto error = decode<ErrorReply>(open_frame(*reply).value());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->to_error().code, Errc::unavailable);
}

TEST(HostileFramesTest, AClientSurvivesEveryMutatedReply) {
  const auto world = test::make_small_model();
  const auto setup =
      ServerSetup::parse(world.service->setup_frame(), world.params, world.config).value();
  SeededSequence sequence{2026, "mutated replies"};
  test::RecordingTransport transport{
      world.service, [&](std::size_t, const SharedBytes& reply) -> Result<SharedBytes> {
        return SharedBytes{mutated(Bytes(reply->begin(), reply->end()), sequence)};
      }};
  test_support::SeededRandom random{1};
  EncryptedOracle oracle{setup, transport, random, {4, 4}};
  const Matrix x = test::random_matrix(48, 4, 1);
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    const std::size_t largest = largest_during([&] {
      refused += oracle.forward({0, model::LinearGroup::attention_out}, x) ? 0 : 1;
    });
    ASSERT_LE(largest, std::size_t{1} << 20);
  }
  EXPECT_GT(refused, 150);
}

TEST(HostileFramesTest, AClientSurvivesEveryMutatedSetup) {
  model::ModelLiteral literal = test::small_literal();
  literal.blocks = 1;
  const auto world = test::make_small_model("rlwe1024", literal);
  SeededSequence sequence{2027, "mutated setups"};
  const SharedBytes shared = world.service->setup_frame();
  const Bytes original(shared->begin(), shared->end());
  for (int i = 0; i < 200; ++i) {
    auto frame = std::make_shared<const Bytes>(mutated(original, sequence));
    const std::size_t largest = largest_during([&] {
      static_cast<void>(ServerSetup::parse(frame, world.params, world.config).has_value());
    });
    ASSERT_LE(largest, original.size());  // an unharmed table makes the masks, nothing is copied
  }
}

}  // namespace
}  // namespace hippocrypt::protocol
