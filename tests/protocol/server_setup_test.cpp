#include "protocol/client/server_setup.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <limits>

#include "protocol/core/setup_layout.hpp"
#include "tests/protocol/small_model.hpp"
#include "tests/protocol/test_transports.hpp"

namespace hippocrypt::protocol {
namespace {

using test::make_small_model;
using test::SmallModel;

const SmallModel& world() {
  static const SmallModel made = make_small_model();
  return made;
}

Result<std::shared_ptr<const ServerSetup>> parse(Bytes frame) {
  return ServerSetup::parse(std::make_shared<const Bytes>(std::move(frame)), world().params,
                            world().config);
}

Errc failure(Bytes frame) {
  const auto parsed = parse(std::move(frame));
  EXPECT_FALSE(parsed);
  return parsed ? Errc::cancelled : parsed.error().code;
}

/// A copy of the true frame.
Bytes world_frame() {
  const SharedBytes frame = world().service->setup_frame();
  return {frame->begin(), frame->end()};
}

/// The true frame with a change; the hash is made to fit again, as a hostile server would.
Bytes forged(const std::function<void(SetupReply&, Bytes&)>& change) {
  const FrameView frame = open_frame(*world().service->setup_frame()).value();
  SetupReply reply = decode<SetupReply>(frame).value();
  Bytes body(frame.body.begin(), frame.body.end());
  change(reply, body);
  reply.body_sha256 = sha256(body);
  return encode_frame(MessageType::setup_reply, envelope_bytes(reply), body);
}

TEST(ServerSetupTest, ViewsScalesAndHintsInPlace) {
  const SmallModel& m = world();
  const SharedBytes frame = m.service->setup_frame();
  const auto setup = ServerSetup::parse(frame, m.params, m.config).value();
  const auto inside = [&](const void* from, std::size_t size_bytes) {
    const auto* const first = static_cast<const std::uint8_t*>(from);
    return first >= frame->data() && first + size_bytes <= frame->data() + frame->size();
  };
  EXPECT_EQ(setup->model_fingerprint(), m.fingerprint);
  EXPECT_EQ(setup->mask_nonce({0, model::LinearGroup::qkv}), test::sample_nonce());
  EXPECT_EQ(setup->params().fingerprint(), m.params.fingerprint());
  for (std::uint32_t block = 0; block < 2; ++block) {
    for (std::uint8_t g = 0; g < model::linear_group_count; ++g) {
      const model::LinearSite site{block, static_cast<model::LinearGroup>(g)};
      ASSERT_TRUE(setup->contains(site));
      const ServerSite& known = setup->at(site);
      const auto quantized = model::quantize_rows(m.base.at(site)).value();
      EXPECT_EQ(std::vector<float>(known.row_scale.begin(), known.row_scale.end()),
                quantized.row_scale);
      EXPECT_EQ(known.forward.outputs, quantized.rows);
      EXPECT_EQ(known.forward.inputs, quantized.cols);
      EXPECT_EQ(known.backward.outputs, quantized.cols);
      EXPECT_EQ(known.backward.inputs, quantized.rows);
      EXPECT_EQ(known.forward.hints.count(), quantized.rows);
      EXPECT_EQ(known.backward.hints.count(), quantized.cols);
      EXPECT_TRUE(inside(known.row_scale.data(), known.row_scale.size_bytes()));
      for (const auto words : {known.forward.hints.words(), known.backward.hints.words()}) {
        EXPECT_TRUE(inside(words.data(), words.size_bytes()));
      }
    }
  }
  EXPECT_FALSE(setup->contains({2, model::LinearGroup::qkv}));
  EXPECT_FALSE(setup->contains({0, model::LinearGroup{4}}));
}

TEST(ServerSetupTest, MakesTheMasksItselfAndEnoughOfThem) {
  const SmallModel& m = world();
  const auto setup = ServerSetup::parse(m.service->setup_frame(), m.params, m.config).value();
  const auto wanted = crypto::make_masks(m.params, m.fingerprint, test::sample_nonce(), 80);
  EXPECT_EQ(setup->masks({0, model::LinearGroup::qkv}).count(),
            80U);  // gate and up have 80 rows, which backward reads
  const auto got = setup->masks({0, model::LinearGroup::qkv}).words(), want = wanted.view().words();
  EXPECT_TRUE(std::equal(got.begin(), got.end(), want.begin(), want.end()));
}

TEST(ServerSetupTest, KeepsTheFrameAlive) {
  auto frame = std::make_shared<const Bytes>(world_frame());
  const std::weak_ptr<const Bytes> watch = frame;
  auto setup = ServerSetup::parse(std::move(frame), world().params, world().config).value();
  EXPECT_FALSE(watch.expired());
  setup.reset();
  EXPECT_TRUE(watch.expired());
}

TEST(ServerSetupTest, BoundsAreTheNormsOfTheInt8Rows) {
  const SmallModel& m = world();
  const auto setup = ServerSetup::parse(m.service->setup_frame(), m.params, m.config).value();
  const model::LinearSite site{1, model::LinearGroup::down};
  const auto q = model::quantize_rows(m.base.at(site)).value();
  double squares = 0, sum = 0, squares_back = 0, sum_back = 0;
  for (std::size_t r = 0; r < q.rows; ++r) {
    double row_squares = 0, row_sum = 0;
    for (std::size_t c = 0; c < q.cols; ++c) {
      row_squares += q.values[r * q.cols + c] * q.values[r * q.cols + c];
      row_sum += std::abs(q.values[r * q.cols + c]);
    }
    squares = std::max(squares, row_squares);
    sum = std::max(sum, row_sum);
  }
  for (std::size_t c = 0; c < q.cols; ++c) {
    double column_squares = 0, column_sum = 0;
    for (std::size_t r = 0; r < q.rows; ++r) {
      column_squares += q.values[r * q.cols + c] * q.values[r * q.cols + c];
      column_sum += std::abs(q.values[r * q.cols + c]);
    }
    squares_back = std::max(squares_back, column_squares);
    sum_back = std::max(sum_back, column_sum);
  }
  EXPECT_EQ(setup->at(site).forward.bounds.max_l2, std::sqrt(squares));
  EXPECT_EQ(setup->at(site).forward.bounds.max_l1, sum);
  EXPECT_EQ(setup->at(site).backward.bounds.max_l2, std::sqrt(squares_back));
  EXPECT_EQ(setup->at(site).backward.bounds.max_l1, sum_back);
}

TEST(ServerSetupTest, RefusesOtherParameters) {
  const auto other = crypto::Params::named("rlwe2048").value();
  const auto parsed = ServerSetup::parse(world().service->setup_frame(), other, world().config);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Errc::mismatch);
  EXPECT_EQ(failure(forged([](SetupReply& r, Bytes&) { r.params_fingerprint[0] ^= 1; })),
            Errc::mismatch);
  EXPECT_EQ(failure(forged([](SetupReply& r, Bytes&) { r.params_name = "other"; })),
            Errc::mismatch);
}

TEST(ServerSetupTest, RefusesAnotherModelsSites) {
  const auto other = model::ModelConfig::create(test::odd_literal()).value();
  const auto parsed = ServerSetup::parse(world().service->setup_frame(), world().params, other);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Errc::mismatch);
  EXPECT_EQ(failure(forged([](SetupReply& r, Bytes&) { r.sites.pop_back(); })), Errc::mismatch);
  EXPECT_EQ(failure(forged([](SetupReply& r, Bytes&) { std::swap(r.sites[0], r.sites[1]); })),
            Errc::mismatch);
  EXPECT_EQ(failure(forged([](SetupReply& r, Bytes&) { r.sites[4].block = 0; })), Errc::mismatch);
  EXPECT_EQ(failure(forged([](SetupReply& r, Bytes&) { r.sites[3].in += 1; })), Errc::mismatch);
}

TEST(ServerSetupTest, RefusesImpossibleNorms) {
  EXPECT_EQ(failure(forged([](SetupReply& r, Bytes&) { r.sites[0].forward_bounds.max_l2 = 1e6; })),
            Errc::out_of_range);
}

TEST(ServerSetupTest, NeverFollowsAForeignOffsetOrLength) {
  const auto with_range = [](auto change) {
    return failure(forged([&](SetupReply& r, Bytes&) { change(r.sites[2]); }));
  };
  EXPECT_EQ(with_range([](SiteEntry& s) { s.row_scales.offset += 1; }), Errc::malformed);
  EXPECT_EQ(with_range([](SiteEntry& s) { s.row_scales.size_bytes += 4; }), Errc::malformed);
  EXPECT_EQ(with_range([](SiteEntry& s) { s.forward_hints.offset += 64; }), Errc::malformed);
  EXPECT_EQ(with_range([](SiteEntry& s) { s.forward_hints.offset = ~std::uint64_t{0} - 63; }),
            Errc::malformed);
  EXPECT_EQ(with_range([](SiteEntry& s) { s.backward_hints.offset = s.forward_hints.offset; }),
            Errc::malformed);
  EXPECT_EQ(with_range([](SiteEntry& s) { s.backward_hints.size_bytes = ~std::uint64_t{0}; }),
            Errc::malformed);
}

TEST(ServerSetupTest, RefusesBodiesOfTheWrongLength) {
  EXPECT_EQ(failure(forged([](SetupReply&, Bytes& body) { body.pop_back(); })), Errc::malformed);
  EXPECT_EQ(failure(forged([](SetupReply&, Bytes& body) { body.push_back(0); })), Errc::malformed);
  EXPECT_EQ(failure(forged([](SetupReply&, Bytes& body) { body.clear(); })), Errc::malformed);
}

TEST(ServerSetupTest, RefusesABodyThatDoesNotHaveItsHash) {
  Bytes frame = world_frame();
  frame[frame.size() - 1000] ^= 1;
  EXPECT_EQ(failure(frame), Errc::mismatch);
}

TEST(ServerSetupTest, RefusesHintsAboveTheModulus) {
  for (const std::uint32_t word : {crypto::modulus_q, ~std::uint32_t{0}}) {
    for (const bool forward : {true, false}) {
      const Bytes frame = forged([&](SetupReply& r, Bytes& body) {
        const BodyRange range = forward ? r.sites[5].forward_hints : r.sites[5].backward_hints;
        std::memcpy(body.data() + range.offset + 4000, &word, sizeof(word));
      });
      EXPECT_EQ(failure(frame), Errc::malformed);
    }
  }
}

TEST(ServerSetupTest, RefusesScalesThatAreNone) {
  for (const float scale :
       {-1.0F, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    const Bytes frame = forged([&](SetupReply& r, Bytes& body) {
      std::memcpy(body.data() + r.sites[7].row_scales.offset, &scale, sizeof(scale));
    });
    EXPECT_EQ(failure(frame), Errc::malformed);
  }
}

TEST(ServerSetupTest, RefusesTruncatedAndForeignFrames) {
  const Bytes frame = world_frame();
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{19}, std::size_t{300}, frame.size() / 2, frame.size() - 1}) {
    EXPECT_EQ(failure(Bytes(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size))),
              Errc::malformed);
  }
  EXPECT_EQ(failure(encode(ErrorReply{1, "x"})), Errc::malformed);
  Bytes changed = frame;
  changed[4] = 9;
  EXPECT_EQ(failure(changed), Errc::unsupported);
  changed = frame;
  changed[10] = 0xff;  // the envelope claims 16 MiB
  EXPECT_EQ(failure(changed), Errc::limit_exceeded);
}

TEST(ServerSetupFetchTest, AsksTheServerOnce) {
  test::RecordingTransport transport{world().service};
  const auto setup = ServerSetup::fetch(transport, world().params, world().config);
  ASSERT_TRUE(setup);
  EXPECT_EQ((*setup)->model_fingerprint(), world().fingerprint);
  EXPECT_EQ(transport.requests.size(), 1U);
}

TEST(ServerSetupFetchTest, PassesOnRefusalsAndFailures) {
  test::RecordingTransport transport{world().service};
  const auto other = crypto::Params::named("rlwe2048").value();
  const auto refused = ServerSetup::fetch(transport, other, world().config);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::mismatch);
  test::RecordingTransport dead{world().service,
                                [](std::size_t, const SharedBytes&) -> Result<SharedBytes> {
                                  return Error{Errc::unavailable, "unplugged"};
                                }};
  const auto failed = ServerSetup::fetch(dead, world().params, world().config);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace hippocrypt::protocol
