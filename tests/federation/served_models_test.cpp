#include "federation/server/served_models.hpp"

#include <gtest/gtest.h>

#include "model/files/hf_model.hpp"
#include "model/model_fingerprint.hpp"
#include "model/pretrain.hpp"
#include "protocol/client/server_setup.hpp"
#include "protocol/core/messages.hpp"
#include "protocol/in_process_transport.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::federation {
namespace {

using protocol::BlockRange;

struct Rig {
  Rig() {
    encryption.params = "rlwe1024";
    server.threads = 1;
    model::ModelLiteral shape;
    shape.vocab = 40;
    shape.hidden = 32;
    shape.blocks = 2;
    shape.heads = 2;
    shape.kv_heads = 1;
    shape.ffn = 48;
    shape.max_context = 32;
    const auto made = model::initial_model(model::ModelConfig::create(shape).value(), 3, 0.1);
    EXPECT_TRUE(model::save_model_folder(made, model));
  }

  Result<ServedModels> serve(const std::vector<ModelToServe>& models) const {
    return serve_models(encryption, server, models);
  }
  Result<std::shared_ptr<const protocol::ServerSetup>> fetch(const ServedModels& served) const {
    protocol::InProcessTransport transport{served.service};
    const auto config = model::load_model_folder(model)->config;
    return protocol::ServerSetup::fetch(transport, params_of(encryption).value(), config);
  }
  protocol::SetupReply table(const ServedModels& served, std::uint32_t block) const {
    const auto config = model::load_model_folder(model)->config;
    const auto params = params_of(encryption).value();
    const SharedBytes reply = served.service->answer(
        encode(protocol::SetupRequest{params.fingerprint(), config.fingerprint(), {}, block}));
    return protocol::decode<protocol::SetupReply>(protocol::open_frame(*reply).value()).value();
  }

  test_support::TemporaryFolder folder;
  std::string model = (folder.path() / "model").string();
  EncryptionConfig encryption;
  ServerConfig server;
};

TEST(ServedModelsTest, AModelIsOpenedAndServed) {
  const Rig rig;
  const auto served = rig.serve({{rig.model, {}}}).value();
  ASSERT_EQ(served.notes.size(), 1U);
  EXPECT_EQ(served.notes[0].rfind(rig.model + ": blocks 0 to 1 of 2, weights packed and ", 0), 0U)
      << served.notes[0];
  const auto setup = rig.fetch(served).value();
  const auto model = model::load_model_folder(rig.model).value();
  EXPECT_EQ(setup->model_fingerprint(), model::model_fingerprint(model.config, model.base));
}

TEST(ServedModelsTest, PartsOfAModelHaveTheWholeModelsName) {
  Rig rig;
  for (const bool blind_head : {false, true}) {
    rig.encryption.blind_head = blind_head;
    const auto whole = rig.serve({{rig.model, {}}}).value();
    const auto low = rig.serve({{rig.model, {0, 0}}}).value();
    const auto high = rig.serve({{rig.model, {1, 1}}}).value();
    const auto all = rig.table(whole, 0), first = rig.table(low, 0), second = rig.table(high, 1);
    EXPECT_EQ(first.model_fingerprint, all.model_fingerprint);
    EXPECT_EQ(second.model_fingerprint, all.model_fingerprint);
    EXPECT_EQ(first.sites.size(), blind_head ? 5U : 4U) << "the head goes with block 0";
    EXPECT_EQ(second.sites.size(), 4U);
    EXPECT_EQ(second.sites.front().forward_bounds, all.sites[4].forward_bounds);
  }
}

TEST(ServedModelsTest, WhatCannotBeServedIsNamed) {
  const Rig rig;
  const auto absent = (rig.folder.path() / "absent").string();
  const auto missing = rig.serve({{rig.model, {}}, {absent, {}}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
  EXPECT_NE(missing.error().detail.find(absent), std::string::npos);
  const auto beyond = rig.serve({{rig.model, {1, 7}}});
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, Errc::out_of_range);
  EXPECT_EQ(beyond.error().detail.rfind(rig.model + ": blocks 1 to 7 cannot be served", 0), 0U);
  const auto twice = rig.serve({{rig.model, {}}, {rig.model, {}}});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, Errc::mismatch);
  EXPECT_EQ(rig.serve({}).error().code, Errc::not_found);
}

}  // namespace
}  // namespace hippocrypt::federation
