#include "protocol/server/setup_service.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "protocol/core/hint_packing.hpp"
#include "tests/protocol/small_model.hpp"

namespace hippocrypt::protocol {
namespace {

const test::SmallModel& world() {
  static const test::SmallModel made = test::make_small_model();
  return made;
}

HintRequest good_request() {
  const auto& m = world();
  HintRequest request;
  request.ids = {m.params.fingerprint(), m.fingerprint, test::sample_nonce(), 9, 1, 3,
                 Direction::backward};
  request.first_word = 32;
  request.words = 64;
  return request;
}

Errc refusal(const HintRequest& request) {
  const SharedBytes reply = world().service->answer(encode(request));
  const auto error = decode<ErrorReply>(open_frame(*reply).value());
  EXPECT_TRUE(error);
  return error ? error->to_error().code : Errc::cancelled;
}

TEST(SetupServiceTest, ATableIsTheSetupWithoutItsHints) {
  const auto& m = world();
  const SharedBytes bytes = m.service->answer(
      encode(SetupRequest{m.params.fingerprint(), m.config.fingerprint(), {}, 0, false}));
  const FrameView frame = open_frame(*bytes).value(),
                  whole = open_frame(*m.service->setup_frame()).value();
  const auto table = decode<SetupTable>(frame);
  ASSERT_TRUE(table);
  EXPECT_TRUE(std::equal(frame.envelope.begin(), frame.envelope.end(), whole.envelope.begin(),
                         whole.envelope.end()));
  const SetupLayout layout = lay_out_table(table->sites),
                    full = lay_out_setup(table->sites, m.params.ring_dim());
  for (std::size_t i = 0; i < table->sites.size(); ++i) {
    EXPECT_TRUE(same_bytes(layout.sites[i].row_scales.of(frame.body),
                           full.sites[i].row_scales.of(whole.body)));
    EXPECT_EQ(sha256(full.sites[i].forward_hints.of(whole.body)), table->sites[i].forward_sha256);
    EXPECT_EQ(sha256(full.sites[i].backward_hints.of(whole.body)), table->sites[i].backward_sha256);
  }
}

TEST(SetupServiceTest, GivesAnyPieceOfHints) {
  const auto& m = world();
  const FrameView whole = open_frame(*m.service->setup_frame()).value();
  const auto sites = decode<SetupReply>(whole).value().sites;
  const SetupLayout layout = lay_out_setup(sites, m.params.ring_dim());
  for (std::size_t i = 0; i < sites.size(); ++i) {
    for (const Direction direction : {Direction::forward, Direction::backward}) {
      const BodyRange range = direction == Direction::forward ? layout.sites[i].forward_hints
                                                              : layout.sites[i].backward_hints;
      const auto total = static_cast<std::uint32_t>(range.size_bytes / 4);
      for (const auto& [first, words] :
           {std::pair<std::uint32_t, std::uint32_t>{0, total}, {total - 16, 16}, {1024, 4096}}) {
        HintRequest request = good_request();
        request.ids.block = sites[i].block;
        request.ids.group = sites[i].group;
        request.ids.direction = direction;
        request.first_word = first;
        request.words = words;
        const SharedBytes bytes = m.service->answer(encode(request));
        const FrameView frame = open_frame(*bytes).value();
        const auto reply = decode<HintReply>(frame);
        ASSERT_TRUE(reply);
        EXPECT_EQ(static_cast<const HintRange&>(*reply), request);
        std::vector<std::uint32_t> got(words);
        ASSERT_TRUE(unpack_hints(frame.body, got));
        const auto* const bytes_of_got = reinterpret_cast<const std::uint8_t*>(got.data());
        EXPECT_TRUE(same_bytes({bytes_of_got, got.size() * 4},
                               range.of(whole.body).subspan(first * 4, words * 4)));
      }
    }
  }
}

TEST(SetupServiceTest, RefusesPiecesThatAreNotThere) {
  const std::uint64_t words = 3 * 16 * 1024;  // 40 features of the down projection, in sixteens
  HintRequest request = good_request();
  request.first_word = words - 64;
  const SharedBytes last = world().service->answer(encode(request));
  EXPECT_TRUE(decode<HintReply>(open_frame(*last).value()));
  request.first_word = words - 48;
  EXPECT_EQ(refusal(request), Errc::out_of_range);
  request.first_word = words;
  EXPECT_EQ(refusal(request), Errc::out_of_range);
  request.first_word = ~std::uint64_t{0} - 15;
  EXPECT_EQ(refusal(request), Errc::out_of_range);
  request = good_request();
  request.ids.block = 2;
  EXPECT_EQ(refusal(request), Errc::out_of_range);
  request.ids.block = 0;
  request.ids.group = head_group;
  EXPECT_EQ(refusal(request), Errc::out_of_range);
}

TEST(SetupServiceTest, RefusesOtherFingerprintsAndNonces) {
  HintRequest request = good_request();
  request.ids.params_fingerprint[0] ^= 1;
  EXPECT_EQ(refusal(request), Errc::mismatch);
  request = good_request();
  request.ids.model_fingerprint[0] ^= 1;
  EXPECT_EQ(refusal(request), Errc::mismatch);
  request = good_request();
  request.ids.mask_nonce[0] ^= 1;
  EXPECT_EQ(refusal(request), Errc::stale);
  const SharedBytes reply =
      world().service->answer(encode_frame(MessageType::hint_request, as_bytes("nonsense"), {}));
  const auto error = decode<ErrorReply>(open_frame(*reply).value());
  EXPECT_EQ(error.value().to_error().code, Errc::malformed);
}

}  // namespace
}  // namespace hippocrypt::protocol
