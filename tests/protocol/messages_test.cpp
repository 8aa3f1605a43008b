#include "protocol/core/messages.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "protocol/core/setup_layout.hpp"
#include "tests/protocol/sample_messages.hpp"
#include "tests/support/golden_frames.hpp"

namespace hippocrypt::protocol {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the helpers of this file's own tests

template <class E>
Result<E> round_trip(const E& envelope, ByteView body = {}) {
  const Bytes bytes = encode(envelope, body);
  HIPPOCRYPT_TRY(const FrameView frame, open_frame(bytes));
  return decode<E>(frame);
}

/// Decodes an envelope that encode() would refuse to write.
template <class E>
Errc refusal(const E& envelope, std::size_t body_bytes = 0) {
  const Bytes bytes = envelope_bytes(envelope), body(body_bytes);
  const auto decoded = decode<E>({E::message_type, protocol_version, bytes, body});
  EXPECT_FALSE(decoded);
  return decoded ? Errc::cancelled : decoded.error().code;
}

TEST(MessagesTest, ProductRequestSurvivesTheWire) {
  const auto got = round_trip(sample_request(), Bytes(60));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->ids, sample_ids());
  EXPECT_EQ(got->features, 5U);
  EXPECT_EQ(got->tokens, 4U);
}

TEST(MessagesTest, ProductReplySurvivesTheWire) {
  const auto got = round_trip(sample_reply(), Bytes(56));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->ids, sample_ids());
  EXPECT_EQ(got->out, 7U);
  EXPECT_EQ(got->tokens, 4U);
}

TEST(MessagesTest, SetupMessagesSurviveTheWire) {
  const auto request = round_trip(sample_setup_request());
  ASSERT_TRUE(request);
  EXPECT_EQ(request->params_fingerprint, sample_setup_request().params_fingerprint);
  EXPECT_EQ(request->config_fingerprint, sample_setup_request().config_fingerprint);
  EXPECT_EQ(request->model_fingerprint, sample_setup_request().model_fingerprint);
  EXPECT_FALSE(request->with_hints);
  const SetupReply sent = sample_setup();
  const auto got = round_trip(sent, Bytes(320));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->params_name, sent.params_name);
  EXPECT_EQ(got->params_fingerprint, sent.params_fingerprint);
  EXPECT_EQ(got->model_fingerprint, sent.model_fingerprint);
  EXPECT_EQ(got->mask_nonce, sent.mask_nonce);
  ASSERT_EQ(got->sites.size(), 2U);
  EXPECT_EQ(got->sites[1].block, 1U);
  EXPECT_EQ(got->sites[1].group, 1);
  EXPECT_EQ(got->sites[1].out, 3U);
  EXPECT_EQ(got->sites[1].in, 2U);
  EXPECT_EQ(got->sites[1].forward_bounds, sent.sites[1].forward_bounds);
  EXPECT_EQ(got->sites[1].backward_bounds, sent.sites[1].backward_bounds);
  EXPECT_EQ(got->sites[1].forward_sha256, sent.sites[1].forward_sha256);
  EXPECT_EQ(got->sites[1].backward_sha256, sent.sites[1].backward_sha256);
  const auto table = round_trip(sample_table(), Bytes(128));
  ASSERT_TRUE(table);
  EXPECT_EQ(table->params_name, sent.params_name);
  EXPECT_EQ(table->mask_nonce, sent.mask_nonce);
  EXPECT_EQ(table->sites.at(1).backward_sha256, sent.sites[1].backward_sha256);
}

TEST(MessagesTest, HintMessagesSurviveTheWire) {
  const auto request = round_trip(sample_hint_request());
  ASSERT_TRUE(request);
  EXPECT_EQ(*request, sample_hint_request());
  const auto reply = round_trip(sample_hint_reply(), Bytes(120));
  ASSERT_TRUE(reply);
  EXPECT_EQ(*reply, sample_hint_reply());
}

TEST(MessagesTest, ImpossiblePiecesOfHintsAreRefused) {
  const auto with = [](auto change) {
    HintRequest request = sample_hint_request();
    change(request);
    return refusal(request);
  };
  EXPECT_EQ(with([](HintRequest& r) { r.words = 0; }), Errc::out_of_range);
  EXPECT_EQ(with([](HintRequest& r) { r.words = 8; }), Errc::out_of_range);
  EXPECT_EQ(with([](HintRequest& r) { r.words = max_hint_words + 16; }), Errc::out_of_range);
  EXPECT_EQ(with([](HintRequest& r) { r.first_word += 4; }), Errc::out_of_range);
  EXPECT_EQ(with([](HintRequest& r) { r.ids.direction = Direction{2}; }), Errc::out_of_range);
  EXPECT_EQ(refusal(sample_hint_request(), 1), Errc::malformed);
  EXPECT_EQ(refusal(sample_hint_reply(), 119), Errc::malformed);
  EXPECT_EQ(refusal(sample_table(), 127), Errc::malformed);
}

TEST(MessagesTest, EveryTransmissibleErrorKeepsItsCode) {
  for (const Errc code : {Errc::malformed, Errc::unsupported, Errc::out_of_range, Errc::mismatch,
                          Errc::limit_exceeded, Errc::not_found, Errc::unavailable, Errc::deadline,
                          Errc::invalid_config, Errc::stale}) {
    const auto got = round_trip(ErrorReply::from({code, "cause"}));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->to_error().code, code);
    EXPECT_EQ(got->to_error().detail, "the server refused: cause");
  }
}

TEST(MessagesTest, APeerCannotClaimOurOwnStatesErrors) {
  for (const Errc code :
       {Errc::io, Errc::not_finite, Errc::budget_exhausted, Errc::tampered, Errc::cancelled}) {
    EXPECT_EQ(ErrorReply::from({code, ""}).to_error().code, Errc::unavailable);
  }
}

TEST(MessagesTest, ErrorDetailsAreCutAndPrintable) {
  const auto reply = ErrorReply::from({Errc::mismatch, std::string(5000, 'x')});
  EXPECT_EQ(reply.detail.size(), max_error_detail_bytes);
  EXPECT_TRUE(round_trip(reply));
  const auto hostile = ErrorReply::from({Errc::mismatch, "a\x1b[2Jb\nc\x80\x7f"});
  EXPECT_EQ(hostile.to_error().detail, "the server refused: a?[2Jb?c??");
}

TEST(MessagesTest, BadErrorRepliesAreRefused) {
  EXPECT_EQ(refusal(ErrorReply{0, "x"}), Errc::malformed);
  EXPECT_EQ(refusal(ErrorReply{11, "x"}), Errc::malformed);
  EXPECT_EQ(refusal(ErrorReply{1, std::string(max_error_detail_bytes + 1, 'x')}),
            Errc::limit_exceeded);
  EXPECT_EQ(refusal(sample_error(), 1), Errc::malformed);
}

TEST(MessagesTest, RequestsOutOfRangeAreRefused) {
  ProductRequest request = sample_request();
  request.tokens = 0;
  EXPECT_EQ(refusal(request), Errc::out_of_range);
  request.tokens = max_tile_tokens + 1;
  EXPECT_EQ(refusal(request), Errc::out_of_range);
  request = sample_request();
  request.features = 0;
  EXPECT_EQ(refusal(request), Errc::out_of_range);
  request.features = max_features + 1;
  EXPECT_EQ(refusal(request), Errc::out_of_range);
  request = sample_request();
  request.bits = 16;
  EXPECT_EQ(refusal(request), Errc::out_of_range);
  request = sample_request();
  request.bits = scalar_bits;
  EXPECT_EQ(refusal(request), Errc::out_of_range);
  request.scheme = Scheme::scalar;
  EXPECT_EQ(refusal(request), Errc::malformed);  // another length of body
  request.tokens = max_scalar_tokens + 1;
  EXPECT_EQ(refusal(request), Errc::out_of_range);
  request = sample_request();
  request.scheme = Scheme{2};
  EXPECT_EQ(refusal(request), Errc::out_of_range);
  request = sample_request();
  request.ids.direction = Direction{2};
  EXPECT_EQ(refusal(request), Errc::out_of_range);
}

TEST(MessagesTest, RepliesOutOfRangeAreRefused) {
  ProductReply reply = sample_reply();
  reply.tokens = 0;
  EXPECT_EQ(refusal(reply), Errc::out_of_range);
  reply = sample_reply();
  reply.out = max_features + 1;
  EXPECT_EQ(refusal(reply), Errc::out_of_range);
  reply = sample_reply();
  reply.bits = 24;
  EXPECT_EQ(refusal(reply), Errc::out_of_range);
  reply = sample_reply();
  reply.ids.direction = Direction{255};
  EXPECT_EQ(refusal(reply), Errc::out_of_range);
}

TEST(MessagesTest, BodiesOfTheWrongLengthAreMalformed) {
  EXPECT_EQ(refusal(sample_request(), 59), Errc::malformed);
  EXPECT_EQ(refusal(sample_request(), 61), Errc::malformed);
  EXPECT_EQ(refusal(sample_reply(), 55), Errc::malformed);
  ProductRequest narrow = sample_request();
  narrow.bits = 20;  // five rows of four values: 10 bytes each
  EXPECT_EQ(refusal(narrow, 60), Errc::malformed);
  EXPECT_TRUE(round_trip(narrow, Bytes(50)));
  ProductReply narrow_reply = sample_reply();
  narrow_reply.bits = 12;
  EXPECT_TRUE(round_trip(narrow_reply, Bytes(42)));
  EXPECT_EQ(refusal(sample_setup_request(), 1), Errc::malformed);
}

TEST(MessagesTest, AnotherTypeThanExpectedIsMalformed) {
  const Bytes bytes = encode(sample_error());
  const auto got = decode<ProductReply>(*open_frame(bytes));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::malformed);
  EXPECT_EQ(got.error().detail, "a message of type product_reply was expected, error_reply came");
}

TEST(MessagesTest, ImpossibleSetupTablesAreRefused) {
  const auto with = [](auto change) {
    SetupReply setup = sample_setup();
    change(setup);
    return refusal(setup, 320);
  };
  EXPECT_EQ(with([](SetupReply& s) { s.params_name.resize(max_params_name_bytes + 1); }),
            Errc::limit_exceeded);
  EXPECT_EQ(with([](SetupReply& s) { s.sites.resize(max_sites + 1); }), Errc::limit_exceeded);
  EXPECT_EQ(with([](SetupReply& s) { s.sites[0].out = 0; }), Errc::out_of_range);
  EXPECT_EQ(with([](SetupReply& s) { s.sites[1].in = max_features + 1; }), Errc::out_of_range);
  for (const double bad : {-1.0, 1e9, std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(with([bad](SetupReply& s) { s.sites[0].forward_bounds.max_l2 = bad; }),
              Errc::out_of_range);
    EXPECT_EQ(with([bad](SetupReply& s) { s.sites[0].forward_bounds.max_l1 = bad; }),
              Errc::out_of_range);
    EXPECT_EQ(with([bad](SetupReply& s) { s.sites[1].backward_bounds.max_l2 = bad; }),
              Errc::out_of_range);
    EXPECT_EQ(with([bad](SetupReply& s) { s.sites[1].backward_bounds.max_l1 = bad; }),
              Errc::out_of_range);
  }
}

TEST(MessagesTest, EveryTruncationIsMalformed) {
  for (const Bytes& frame : sample_frames()) {
    for (std::size_t size = 0; size < frame.size(); ++size) {
      const Bytes cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
      const Status status = decode_any(cut);
      ASSERT_FALSE(status);
      ASSERT_EQ(status.error().code, Errc::malformed) << size;
    }
  }
}

TEST(MessagesTest, EveryShorterEnvelopeIsMalformed) {
  // The same with a header that agrees with the shorter envelope.
  for (const Bytes& bytes : sample_frames()) {
    const FrameView frame = *open_frame(bytes);
    for (std::size_t size = 0; size < frame.envelope.size(); ++size) {
      const Status status =
          decode_any(encode_frame(frame.type, frame.envelope.first(size), frame.body));
      ASSERT_FALSE(status);
      ASSERT_EQ(status.error().code, Errc::malformed) << size;
    }
  }
}

TEST(MessagesTest, TheWireFormatHasNotChanged) {
  // The envelope of a product request, field by field.
  const std::string ids = to_hex(counting<32>(0)) + to_hex(counting<32>(64)) +
                          to_hex(counting<32>(128)) +
                          "0807060504030201"
                          "03000000"
                          "02"
                          "01";
  EXPECT_EQ(to_hex(envelope_bytes(sample_request())), "01" + ids +
                                                          "05000000"
                                                          "04000000"
                                                          "18"
                                                          "00");
  EXPECT_EQ(to_hex(envelope_bytes(sample_reply())), "01" + ids +
                                                        "07000000"
                                                        "04000000"
                                                        "10"
                                                        "00");
  EXPECT_EQ(to_hex(envelope_bytes(ErrorReply{4, "no"})),
            "01"
            "0400"
            "0200000000000000"
            "6e6f");
  EXPECT_EQ(to_hex(envelope_bytes(sample_setup_request())),
            "01" + to_hex(counting<32>(1)) + to_hex(counting<32>(2)) + to_hex(counting<32>(3)) +
                "0700000000");
}

TEST(MessagesTest, FramesHaveTheirGoldenBytes) {
  test_support::expect_golden_frames("protocol/golden", sample_frames(), 1, 15);
}

TEST(SetupLayoutTest, PartsAreAlignedAndFollowEachOther) {
  std::vector<SiteEntry> sites(2);
  sites[0].out = 5;
  sites[0].in = 17;
  sites[1].out = 16;
  sites[1].in = 33;
  const std::size_t ring_dim = 1024, group = 16 * ring_dim * 4;
  const SetupLayout layout = lay_out_setup(sites, ring_dim);
  EXPECT_EQ(layout.body_bytes, 64 + 3 * group + 64 + 4 * group);
  EXPECT_EQ(layout.sites[0].row_scales, (BodyRange{0, 20}));
  EXPECT_EQ(layout.sites[0].forward_hints, (BodyRange{64, group}));
  EXPECT_EQ(layout.sites[0].backward_hints, (BodyRange{64 + group, 2 * group}));
  EXPECT_EQ(layout.sites[1].row_scales, (BodyRange{64 + 3 * group, 64}));
  EXPECT_EQ(layout.sites[1].forward_hints, (BodyRange{128 + 3 * group, group}));
  EXPECT_EQ(layout.sites[1].backward_hints, (BodyRange{128 + 4 * group, 3 * group}));
  EXPECT_EQ(masks_needed(sites), 33U);
}

TEST(SetupLayoutTest, ATableHoldsRowScalesOnly) {
  std::vector<SiteEntry> sites(2);
  sites[0].out = 17;
  sites[1].out = 5;
  const SetupLayout layout = lay_out_table(sites);
  EXPECT_EQ(layout.body_bytes, 192U);
  EXPECT_EQ(layout.sites[0].row_scales, (BodyRange{0, 68}));
  EXPECT_EQ(layout.sites[1].row_scales, (BodyRange{128, 20}));
  EXPECT_EQ(layout.sites[1].forward_hints.size_bytes, 0U);
}

TEST(SetupLayoutTest, TheHeadHasNoBackwardHints) {
  std::vector<SiteEntry> sites(1);
  sites[0].group = head_group;
  sites[0].out = 16;
  sites[0].in = 16;
  const SetupLayout layout = lay_out_setup(sites, 1024);
  EXPECT_EQ(layout.sites[0].forward_hints, (BodyRange{64, 65536}));
  EXPECT_EQ(layout.sites[0].backward_hints.size_bytes, 0U);
}

TEST(SetupLayoutTest, AnEntryTakesTheBytesThatTheLimitsAssume) {
  SetupReply reply;
  const std::size_t empty = envelope_bytes(reply).size();
  reply.sites.resize(3);
  EXPECT_EQ(envelope_bytes(reply).size() - empty, 3 * site_entry_bytes);
}

}  // namespace
}  // namespace hippocrypt::protocol
