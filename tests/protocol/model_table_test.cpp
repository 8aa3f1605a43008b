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
    return encode(SetupRequest{model.params.fingerprint(), model.config.fingerprint(), 0});
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

TEST(ModelTableTest, RequestsForNoModelOfItsAreRefused) {
  const auto table = both();
  EXPECT_EQ(refusal(*table, encode(SetupRequest{small().params.fingerprint(), {}, 0})),
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
  EXPECT_EQ(twice.error().detail.rfind("models 1 and 3 have the same shape", 0), 0U);
}

}  // namespace
}  // namespace hippocrypt::protocol
