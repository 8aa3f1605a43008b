#include "protocol/server/product_service.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "tests/protocol/small_model.hpp"

namespace hippocrypt::protocol {
namespace {

using test::make_small_model;
using test::SmallModel;

const SmallModel& world() {
  static const SmallModel made = make_small_model();
  return made;
}

ProductRequest good_request(std::uint32_t tokens = 3) {
  const SmallModel& m = world();
  return {{m.params.fingerprint(), m.fingerprint, test::sample_nonce(), 17, 1,
           static_cast<std::uint8_t>(model::LinearGroup::gate_up), Direction::forward},
          static_cast<std::uint32_t>(m.config.in_features(model::LinearGroup::gate_up)),
          tokens};
}

Bytes body_for(const ProductRequest& request, std::uint64_t seed = 3) {
  SeededSequence sequence{seed, "request body"};
  Bytes body(request.body_bytes());
  for (std::uint8_t& byte : body) byte = static_cast<std::uint8_t>(sequence.below(256));
  return body;
}

Errc refusal(ByteView request) {
  const SharedBytes reply = world().service->answer(request);
  const auto frame = open_frame(*reply);
  EXPECT_TRUE(frame);
  const auto error = decode<ErrorReply>(*frame);
  EXPECT_TRUE(error);
  return error ? error->to_error().code : Errc::cancelled;
}

/// A frame around an envelope that encode() would not write.
Bytes unchecked(const ProductRequest& request, std::size_t body_bytes) {
  return encode_frame(MessageType::product_request, envelope_bytes(request), Bytes(body_bytes));
}

std::uint32_t upload_value(ByteView body, std::size_t index) {
  return static_cast<std::uint32_t>(body[3 * index] | body[3 * index + 1] << 8 |
                                    body[3 * index + 2] << 16);
}

TEST(ProductServiceTest, AnswersWithTheRoundedProductModulo2To24) {
  for (const Direction direction : {Direction::forward, Direction::backward}) {
    ProductRequest request = good_request();
    const auto q = model::quantize_rows(world().base.at({1, model::LinearGroup::gate_up})).value();
    const bool forward = direction == Direction::forward;
    const std::size_t out = forward ? q.rows : q.cols, in = forward ? q.cols : q.rows;
    request.ids.direction = direction;
    request.features = static_cast<std::uint32_t>(in);
    const Bytes body = body_for(request);
    const SharedBytes bytes = world().service->answer(encode(request, body));
    const FrameView frame = open_frame(*bytes).value();
    const auto reply = decode<ProductReply>(frame);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->ids, request.ids);
    EXPECT_EQ(reply->out, out);
    EXPECT_EQ(reply->tokens, request.tokens);
    for (std::size_t i = 0; i < out; ++i) {
      for (std::size_t t = 0; t < request.tokens; ++t) {
        std::int64_t sum = 0;
        for (std::size_t j = 0; j < in; ++j) {
          const std::int64_t weight = forward ? q.values[i * in + j] : q.values[j * out + i];
          sum += weight * upload_value(body, j * request.tokens + t);
        }
        const auto wanted = static_cast<std::uint64_t>((sum + 128) >> 8) & 0xffff;
        const std::size_t at = 2 * (i * request.tokens + t);
        ASSERT_EQ(static_cast<std::uint64_t>(frame.body[at] | frame.body[at + 1] << 8), wanted);
      }
    }
  }
}

TEST(ProductServiceTest, RefusesOtherFingerprintsAndNonces) {
  ProductRequest request = good_request();
  request.ids.params_fingerprint[0] ^= 1;
  EXPECT_EQ(refusal(encode(request, body_for(request))), Errc::mismatch);
  request = good_request();
  request.ids.model_fingerprint[31] ^= 1;
  EXPECT_EQ(refusal(encode(request, body_for(request))), Errc::mismatch);
  request = good_request();
  request.ids.mask_nonce[5] ^= 128;
  EXPECT_EQ(refusal(encode(request, body_for(request))), Errc::stale);
}

TEST(ProductServiceTest, RefusesSitesAndDirectionsThatDoNotExist) {
  ProductRequest request = good_request();
  for (const std::uint32_t block : {2U, 4'000'000'000U}) {
    request.ids.block = block;
    EXPECT_EQ(refusal(encode(request, body_for(request))), Errc::out_of_range);
  }
  request = good_request();
  request.ids.group = 4;
  EXPECT_EQ(refusal(encode(request, body_for(request))), Errc::out_of_range);
  request = good_request();
  request.ids.direction = Direction{2};
  EXPECT_EQ(refusal(unchecked(request, request.body_bytes())), Errc::out_of_range);
}

TEST(ProductServiceTest, RefusesWrongShapes) {
  ProductRequest request = good_request();
  ++request.features;
  EXPECT_EQ(refusal(encode(request, body_for(request))), Errc::mismatch);
  request = good_request();
  request.bits = 20;
  EXPECT_EQ(refusal(encode(request, body_for(request))), Errc::mismatch);
  request = good_request();
  EXPECT_EQ(refusal(unchecked(request, request.body_bytes() - 1)), Errc::malformed);
  EXPECT_EQ(refusal(unchecked(request, request.body_bytes() + 3)), Errc::malformed);
}

TEST(ProductServiceTest, TakesOneTokenToTheRingDimension) {
  EXPECT_EQ(refusal(unchecked(good_request(0), 0)), Errc::out_of_range);
  const auto dimension = static_cast<std::uint32_t>(world().params.ring_dim());
  const ProductRequest above = good_request(dimension + 1);
  EXPECT_EQ(refusal(encode(above, body_for(above))), Errc::out_of_range);
  for (const std::uint32_t tokens : {1U, dimension}) {
    const ProductRequest request = good_request(tokens);
    const SharedBytes reply = world().service->answer(encode(request, body_for(request)));
    EXPECT_TRUE(decode<ProductReply>(open_frame(*reply).value()));
  }
}

TEST(ProductServiceTest, RefusesWhatIsNoProductRequest) {
  EXPECT_EQ(refusal({}), Errc::malformed);
  EXPECT_EQ(refusal(as_bytes("GET / HTTP/1.1\r\n\r\n")), Errc::malformed);
  EXPECT_EQ(refusal(encode(ErrorReply{1, "x"})), Errc::malformed);
  Bytes other_version = encode(good_request(), body_for(good_request()));
  other_version[4] = 1;
  EXPECT_EQ(refusal(other_version), Errc::unsupported);
  Bytes too_long = encode(good_request(), body_for(good_request()));
  too_long[15] = 0xff;  // the body claims 4 GiB
  EXPECT_EQ(refusal(too_long), Errc::limit_exceeded);
}

TEST(ProductServiceTest, SetupRequestsGetTheSharedFrame) {
  const SmallModel& m = world();
  const SetupRequest request{m.params.fingerprint(), m.config.fingerprint()};
  EXPECT_EQ(m.service->answer(encode(request))->data(), m.service->setup_frame()->data());
}

TEST(ProductServiceTest, SetupRequestsForOthersAreRefused) {
  const SmallModel& m = world();
  const auto refused = [&](const SetupRequest& request) {
    const SharedBytes reply = m.service->answer(encode(request));
    return decode<ErrorReply>(open_frame(*reply).value()).value().to_error().code;
  };
  EXPECT_EQ(refused({Hash256{}, m.config.fingerprint()}), Errc::mismatch);
  EXPECT_EQ(refused({m.params.fingerprint(), Hash256{}}), Errc::mismatch);
}

TEST(ProductServiceTest, ThreadsMayShareIt) {
  const ProductRequest request = good_request(64);
  const Bytes bytes = encode(request, body_for(request));
  const SharedBytes wanted = world().service->answer(bytes);
  std::vector<SharedBytes> got(4);
  {
    std::vector<std::jthread> threads;
    for (SharedBytes& reply : got) {
      threads.emplace_back([&] {
        for (int i = 0; i < 20; ++i) reply = world().service->answer(bytes);
      });
    }
  }
  for (const SharedBytes& reply : got) EXPECT_TRUE(same_bytes(*reply, *wanted));
}

TEST(ProductServiceTest, ABatchGetsTheRepliesThatItsRequestsGetAlone) {
  // Two matrices, three tile sizes, a setup request and nonsense.
  std::vector<Bytes> frames;
  for (const std::uint32_t tokens : {5U, 1U, 40U}) {
    for (const Direction direction : {Direction::forward, Direction::backward}) {
      ProductRequest request = good_request(tokens);
      request.ids.direction = direction;
      request.ids.request_id = frames.size();
      if (direction == Direction::backward) {
        request.features =
            static_cast<std::uint32_t>(world().config.out_features(model::LinearGroup::gate_up));
      }
      frames.push_back(encode(request, body_for(request, frames.size())));
    }
  }
  frames.push_back(
      encode(SetupRequest{world().params.fingerprint(), world().config.fingerprint()}));
  frames.push_back({1, 2, 3});
  const std::vector<ByteView> views(frames.begin(), frames.end());
  std::vector<int> delivered(frames.size());
  world().service->answer_all(views, [&](std::size_t i, const SharedBytes& reply) {
    ++delivered[i];
    EXPECT_TRUE(same_bytes(*reply, *world().service->answer(frames[i]))) << i;
  });
  EXPECT_EQ(delivered, std::vector<int>(frames.size(), 1));
}

TEST(ProductServiceTest, WeightsTakeLittleMoreThanAByteEach) {
  model::ModelLiteral literal = test::small_literal();
  literal.hidden = 576;
  literal.heads = 9;
  literal.kv_heads = 3;
  literal.head_dim = 64;
  literal.ffn = 1536;
  literal.blocks = 1;
  const auto m = test::make_small_model("rlwe1024", literal);
  std::size_t weights = 0;
  for (const Matrix& matrix : m.base.blocks[0]) weights += matrix.size();
  EXPECT_LE(static_cast<double>(m.service->weight_bytes()), 1.3 * 2 * static_cast<double>(weights));
}

Errc create_failure(const model::ModelConfig& config, const model::BaseWeights& base,
                    std::string_view params = "rlwe1024") {
  const auto made =
      ProductService::create(config, base, Hash256{}, crypto::Params::named(params).value(), {}, 1);
  EXPECT_FALSE(made);
  return made ? Errc::cancelled : made.error().code;
}

TEST(ProductServiceCreateTest, RefusesWeightsOfOtherShapes) {
  model::BaseWeights base = world().base;
  base.blocks.pop_back();
  EXPECT_EQ(create_failure(world().config, base), Errc::mismatch);
  base = world().base;
  base.at({1, model::LinearGroup::down}) = Matrix{48, 41};
  EXPECT_EQ(create_failure(world().config, base), Errc::mismatch);
}

TEST(ProductServiceCreateTest, RefusesWeightsThatAreNoNumbers) {
  model::BaseWeights base = world().base;
  base.at({0, model::LinearGroup::qkv})(5, 5) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(create_failure(world().config, base), Errc::not_finite);
}

TEST(ProductServiceCreateTest, RefusesModelsBeyondTheLimits) {
  model::ModelLiteral literal = test::small_literal();
  literal.hidden = 2;
  literal.heads = literal.kv_heads = 1;
  literal.head_dim = 2;
  literal.ffn = 1;
  literal.blocks = max_sites / model::linear_group_count + 1;
  const auto many = model::ModelConfig::create(literal).value();
  EXPECT_EQ(create_failure(many, model::zero_base_weights<float>(many)), Errc::limit_exceeded);

  literal.blocks = 1;
  literal.ffn = max_features / 2 + 1;  // gate and up together are one row pair too many
  const auto wide = model::ModelConfig::create(literal).value();
  EXPECT_EQ(create_failure(wide, model::zero_base_weights<float>(wide)), Errc::limit_exceeded);

  // 98,304 hints of 8 KiB a block: 90 blocks need 67 GiB. Refused before any of it is reserved.
  literal.blocks = 90;
  literal.ffn = max_features / 2;
  const auto large = model::ModelConfig::create(literal).value();
  EXPECT_EQ(create_failure(large, model::zero_base_weights<float>(large), "rlwe2048"),
            Errc::limit_exceeded);
}

TEST(ModelFingerprintTest, DependsOnTheShapeAndOnEveryMatrix) {
  const SmallModel& m = world();
  EXPECT_EQ(model_fingerprint(m.config, m.base), m.fingerprint);
  model::ModelLiteral literal = m.config.literal();
  literal.rope_theta = 20000;
  EXPECT_NE(model_fingerprint(model::ModelConfig::create(literal).value(), m.base), m.fingerprint);
  for (std::size_t i = 0; i < 2 * model::linear_group_count; ++i) {
    model::BaseWeights base = m.base;
    Matrix& weights = base.blocks[i / model::linear_group_count][i % model::linear_group_count];
    weights(weights.rows() - 1, weights.cols() - 1) += 1;
    EXPECT_NE(model_fingerprint(m.config, base), m.fingerprint);
  }
}

}  // namespace
}  // namespace hippocrypt::protocol
