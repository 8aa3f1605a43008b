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

Result<std::shared_ptr<ServerSetup>> parse(Bytes frame) {
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

/// The true frame with a change; the hashes are made to fit again, as a hostile server would.
Bytes forged(const std::function<void(SetupReply&, Bytes&)>& change) {
  const FrameView frame = open_frame(*world().service->setup_frame()).value();
  SetupReply reply = decode<SetupReply>(frame).value();
  Bytes body(frame.body.begin(), frame.body.end());
  const SetupLayout layout = lay_out_setup(reply.sites, world().params.ring_dim());
  change(reply, body);
  for (std::size_t i = 0; body.size() == layout.body_bytes && i < reply.sites.size(); ++i) {
    reply.sites[i].forward_sha256 = sha256(layout.sites[i].forward_hints.of(body));
    reply.sites[i].backward_sha256 = sha256(layout.sites[i].backward_hints.of(body));
  }
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

TEST(ServerSetupTest, RefusesBodiesOfTheWrongLength) {
  EXPECT_EQ(failure(forged([](SetupReply&, Bytes& body) { body.pop_back(); })), Errc::malformed);
  EXPECT_EQ(failure(forged([](SetupReply&, Bytes& body) { body.push_back(0); })), Errc::malformed);
  EXPECT_EQ(failure(forged([](SetupReply&, Bytes& body) { body.clear(); })), Errc::malformed);
}

TEST(ServerSetupTest, RefusesHintsThatDoNotHaveTheirHash) {
  Bytes frame = world_frame();
  frame[frame.size() - 1000] ^= 1;
  EXPECT_EQ(failure(frame), Errc::mismatch);
}

TEST(ServerSetupTest, RefusesHintsAboveTheModulus) {
  for (const std::uint32_t word : {crypto::modulus_q, ~std::uint32_t{0}}) {
    for (const bool forward : {true, false}) {
      const Bytes frame = forged([&](SetupReply& r, Bytes& body) {
        const SiteLayout site = lay_out_setup(r.sites, world().params.ring_dim()).sites[5];
        const BodyRange range = forward ? site.forward_hints : site.backward_hints;
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
      const SetupLayout layout = lay_out_setup(r.sites, world().params.ring_dim());
      std::memcpy(body.data() + layout.sites[7].row_scales.offset, &scale, sizeof(scale));
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

Result<std::shared_ptr<ServerSetup>> parse_table(
    const std::function<void(SetupTable&, Bytes&)>& change) {
  const SharedBytes reply = world().service->answer(encode(
      SetupRequest{world().params.fingerprint(), world().config.fingerprint(), {}, 0, false}));
  const FrameView frame = open_frame(*reply).value();
  SetupTable table = decode<SetupTable>(frame).value();
  Bytes body(frame.body.begin(), frame.body.end());
  change(table, body);
  return ServerSetup::parse(
      SharedBytes{encode_frame(MessageType::setup_table, envelope_bytes(table), body)},
      world().params, world().config);
}

TEST(ServerSetupTableTest, SaysWhatTheSetupSaysWithoutHints) {
  const auto whole =
      ServerSetup::parse(world().service->setup_frame(), world().params, world().config).value();
  const auto table = parse_table([](SetupTable&, Bytes&) {}).value();
  EXPECT_EQ(table->model_fingerprint(), whole->model_fingerprint());
  ASSERT_EQ(table->sites().size(), whole->sites().size());
  for (std::size_t i = 0; i < whole->sites().size(); ++i) {
    const ServerSite &got = table->sites()[i], &want = whole->sites()[i];
    EXPECT_EQ(got.id, want.id);
    EXPECT_EQ(table->mask_nonce(got.id), whole->mask_nonce(got.id));
    EXPECT_EQ(table->masks(got.id).count(), whole->masks(got.id).count());
    EXPECT_TRUE(std::equal(got.row_scale.begin(), got.row_scale.end(), want.row_scale.begin(),
                           want.row_scale.end()));
    for (const Direction direction : {Direction::forward, Direction::backward}) {
      const SiteProduct &g = got.product(direction), &w = want.product(direction);
      EXPECT_EQ(g.outputs, w.outputs);
      EXPECT_EQ(g.inputs, w.inputs);
      EXPECT_EQ(g.bounds.max_l2, w.bounds.max_l2);
      EXPECT_EQ(g.hint_sha256, w.hint_sha256);
      EXPECT_FALSE(g.has_hints());
      EXPECT_TRUE(w.has_hints());
      EXPECT_TRUE(check_hints(g, w.hints.words()));
    }
  }
}

TEST(ServerSetupTableTest, RefusesWhatParseRefuses) {
  const auto refused = [](const std::function<void(SetupTable&, Bytes&)>& change) {
    const auto parsed = parse_table(change);
    return parsed ? Errc::cancelled : parsed.error().code;
  };
  EXPECT_EQ(refused([](SetupTable& t, Bytes&) { t.params_name = "other"; }), Errc::mismatch);
  EXPECT_EQ(refused([](SetupTable& t, Bytes&) { std::swap(t.sites[0], t.sites[4]); }),
            Errc::mismatch);
  EXPECT_EQ(refused([](SetupTable&, Bytes& body) { body.push_back(0); }), Errc::malformed);
  EXPECT_EQ(refused([](SetupTable&, Bytes& body) { std::fill_n(body.begin(), 4, 0xff); }),
            Errc::malformed);
}

TEST(CheckHintsTest, TellsWrongWordsFromWrongHashes) {
  const auto whole =
      ServerSetup::parse(world().service->setup_frame(), world().params, world().config).value();
  const SiteProduct& product = whole->sites()[3].backward;
  std::vector<std::uint32_t> words(product.hints.words().begin(), product.hints.words().end());
  EXPECT_TRUE(check_hints(product, words));
  words[77] ^= 1;
  EXPECT_EQ(check_hints(product, words).error().code, Errc::mismatch);
  words[77] = crypto::modulus_q;
  EXPECT_EQ(check_hints(product, words).error().code, Errc::malformed);
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
