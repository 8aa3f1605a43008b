#include "protocol/server/model_table.hpp"

#include <gtest/gtest.h>

#include "protocol/client/encrypted_oracle.hpp"
#include "protocol/client/server_setup.hpp"
#include "protocol/in_process_transport.hpp"
#include "tests/protocol/small_model.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::protocol {
namespace {

const test::SmallModel& small() {
  static const test::SmallModel made = test::make_small_model();
  return made;
}
const test::SmallModel& odd() {
  static const test::SmallModel made = test::make_small_model("rlwe1024", test::odd_literal());
  return made;
}

/// The shape of small(), and other weights.
const test::SmallModel& twin() {
  static const test::SmallModel made = [] {
    test::SmallModel model = small();
    model.base = test::random_weights(model.config, 8);
    model.fingerprint = model_fingerprint(model.config, model.base);
    model.service = ProductService::create(model.config, model.base, model.fingerprint,
                                           model.params, test::sample_nonce(), 1)
                        .value();
    return model;
  }();
  return made;
}

ModelTable::Entry entry_of(const test::SmallModel& model) {
  return {model.fingerprint, model.config.fingerprint(), model.service};
}

std::shared_ptr<const ModelTable> both() {
  return ModelTable::create({entry_of(small()), entry_of(odd())}).value();
}

Errc refusal(const ModelTable& table, ByteView request) {
  const SharedBytes reply = table.answer(request);
  return decode<ErrorReply>(open_frame(*reply).value())->to_error().code;
}

TEST(ModelTableTest, EveryModelHasItsSetupAndItsProducts) {
  InProcessTransport transport{both()};
  for (const test::SmallModel* model : {&small(), &odd()}) {
    const auto setup = ServerSetup::fetch(transport, model->params, model->config).value();
    EXPECT_EQ(setup->model_fingerprint(), model->fingerprint);
    InProcessTransport alone{model->service};
    const Matrix x = test::random_matrix(model->config->hidden, 8, 1);
    std::vector<Matrix> products;
    for (ProductTransport* way : std::initializer_list<ProductTransport*>{&transport, &alone}) {
      test_support::SeededRandom random{9};
      EncryptedOracle oracle{setup, *way, random, {8, 8}};
      products.push_back(oracle.forward({0, model::LinearGroup::qkv}, x).value());
    }
    EXPECT_TRUE(std::equal(products[0].values().begin(), products[0].values().end(),
                           products[1].values().begin()));
  }
}

TEST(ModelTableTest, RepliesOfOneBatchGoToTheirOwnRequests) {
  const auto setup_for = [](const test::SmallModel& model) {
    return encode(SetupRequest{model.params.fingerprint(), model.config.fingerprint()});
  };
  const Bytes first = setup_for(odd()), second = setup_for(small()), garbage(5);
  const std::vector<ByteView> requests{first, garbage, second, first};
  std::vector<SharedBytes> replies(requests.size());
  both()->answer_all(requests, [&](std::size_t index, SharedBytes reply) {
    EXPECT_FALSE(replies[index]);
    replies[index] = std::move(reply);
  });
  EXPECT_TRUE(same_bytes(*replies[0], *odd().service->setup_frame()));
  EXPECT_EQ(open_frame(*replies[1])->type, MessageType::error_reply);
  EXPECT_TRUE(same_bytes(*replies[2], *small().service->setup_frame()));
  EXPECT_TRUE(same_bytes(*replies[3], *odd().service->setup_frame()));
}

TEST(ModelTableTest, OfTwoModelsOfOneShapeTheWeightsSayWhich) {
  InProcessTransport transport{
      ModelTable::create({entry_of(small()), entry_of(odd()), entry_of(twin())}).value()};
  const Matrix x = test::random_matrix(small().config->hidden, 8, 1);
  for (const test::SmallModel* model : {&small(), &twin(), &odd()}) {
    const auto setup =
        ServerSetup::fetch(transport, model->params, model->config, {}, model->fingerprint).value();
    EXPECT_EQ(setup->model_fingerprint(), model->fingerprint);
    EXPECT_EQ(setup->fetch_again(transport).value()->model_fingerprint(), model->fingerprint);
  }
  const auto by_shape = ServerSetup::fetch(transport, odd().params, odd().config).value();
  EXPECT_EQ(by_shape->model_fingerprint(), odd().fingerprint) << "it is the only one";
  for (const Hash256& weights : {Hash256{}, odd().fingerprint}) {
    const auto unclear = ServerSetup::fetch(transport, small().params, small().config, {}, weights);
    ASSERT_FALSE(unclear);
    EXPECT_EQ(unclear.error().code, Errc::mismatch);
    EXPECT_NE(unclear.error().detail.find("several models of that shape"), std::string::npos);
  }
}

TEST(ModelTableTest, AnUnclearRequestOfABatchLeavesTheOthersTheirReplies) {
  const auto table = ModelTable::create({entry_of(small()), entry_of(twin())}).value();
  const auto setup_for = [](const Hash256& weights) {
    return encode(
        SetupRequest{small().params.fingerprint(), small().config.fingerprint(), weights});
  };
  const Bytes unclear = setup_for({}), second = setup_for(twin().fingerprint);
  const std::vector<ByteView> requests{unclear, second, unclear};
  std::vector<SharedBytes> replies(requests.size());
  table->answer_all(requests, [&](std::size_t index, SharedBytes reply) {
    EXPECT_FALSE(replies[index]);
    replies[index] = std::move(reply);
  });
  EXPECT_EQ(open_frame(*replies[0])->type, MessageType::error_reply);
  EXPECT_TRUE(same_bytes(*replies[1], *twin().service->setup_frame()));
  EXPECT_EQ(open_frame(*replies[2])->type, MessageType::error_reply);
}

TEST(ModelTableTest, RequestsForNoModelOfItsAreRefused) {
  const auto table = both();
  EXPECT_EQ(refusal(*table, encode(SetupRequest{small().params.fingerprint(), {}})),
            Errc::mismatch);
  ProductRequest request{{small().params.fingerprint(), {}, test::sample_nonce(), 1, 0}, 48, 3};
  EXPECT_EQ(refusal(*table, encode(request, Bytes(request.body_bytes()))), Errc::mismatch);
  EXPECT_EQ(refusal(*table, as_bytes("nonsense")), Errc::malformed);
  EXPECT_EQ(refusal(*table, encode(ErrorReply{1, "x"})), Errc::malformed);
}

TEST(ModelTableTest, TablesThatCannotBeAreRefused) {
  EXPECT_EQ(ModelTable::create({}).error().code, Errc::not_found);
  const auto twice = ModelTable::create({entry_of(odd()), entry_of(small()), entry_of(odd())});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, Errc::mismatch);
  EXPECT_EQ(twice.error().detail.rfind("models 1 and 3 have the same weights", 0), 0U);
}

}  // namespace
}  // namespace hippocrypt::protocol
