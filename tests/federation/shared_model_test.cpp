// A hospital does the same work with the process's model as with one of its own.

#include "federation/client/shared_model.hpp"

#include <gtest/gtest.h>

#include "federation/client/hospital.hpp"
#include "federation/server/product_server.hpp"
#include "federation/server/served_models.hpp"
#include "protocol/in_process_transport.hpp"
#include "tests/support/tiny_federation.hpp"

namespace hippocrypt::federation {
namespace {

using test_support::TinyFederation;

class CountingTransport final : public protocol::ProductTransport {
 public:
  explicit CountingTransport(std::shared_ptr<const protocol::FrameService> service)
      : server_{std::move(service)} {}
  Result<SharedBytes> exchange(SharedBytes request) override {
    ++exchanges;
    return server_.exchange(std::move(request));
  }
  int exchanges = 0;

 private:
  protocol::InProcessTransport server_;
};

std::shared_ptr<const SharedModel> share(const FederationConfig& config,
                                         protocol::ProductTransport* server = nullptr) {
  auto bundle = model::open_model(config.model.path.string()).value();
  auto residuals = residuals_for(config.encryption, bundle.model, 2).value();
  return SharedModel::create(config.encryption, std::move(bundle), std::move(residuals), server)
      .value();
}

HospitalOptions options_of(const TinyFederation& tiny, std::size_t index, const char* ledger) {
  HospitalOptions options;
  options.config = std::make_shared<const FederationConfig>(tiny.config);
  options.index = index;
  options.ledger = tiny.folder() / ledger;
  options.run = "test";
  return options;
}

/// What a hospital says in one round, without noise.
std::vector<float> one_round(HospitalOptions options) {
  const auto hospital = Hospital::create(std::move(options), nullptr).value();
  EXPECT_TRUE(hospital->measure_start());
  RoundStart start{1, 1, std::vector<float>(hospital->adapter_size())};
  const std::atomic<bool> never{false};
  return hospital->train(start, never, [](const StepReport&) {}).values;
}

TEST(SharedModelTest, UpdatesAreThoseOfAModelOfItsOwn) {
  TinyFederation tiny{"shared_model"};
  tiny.config.privacy.noise_multiplier = 0;
  for (const auto oracle : {OracleKind::plain_fp32, OracleKind::plain_int8}) {
    tiny.config.encryption.oracle = oracle;
    const auto shared = share(tiny.config);
    for (std::size_t index = 0; index < 2; ++index) {
      const auto own = one_round(options_of(tiny, index, "own.sqlite"));
      auto options = options_of(tiny, index, "shared.sqlite");
      options.model = shared;
      EXPECT_FALSE(own.empty());
      EXPECT_EQ(own, one_round(std::move(options))) << to_string(oracle) << ' ' << index;
      std::filesystem::remove(tiny.folder() / "own.sqlite");
      std::filesystem::remove(tiny.folder() / "shared.sqlite");
    }
  }
}

TEST(SharedModelTest, HintsAreFetchedOnce) {
  TinyFederation tiny{"shared_hints"};
  auto bundle = model::open_model(tiny.config.model.path.string()).value();
  auto server = start_product_server(tiny.config.encryption, tiny.config.server,
                                     tiny.config.model.path.string(), bundle.model.config,
                                     std::move(bundle.model.base))
                    .value();
  CountingTransport transport{server.service};
  const auto shared = share(tiny.config, &transport);
  EXPECT_EQ(transport.exchanges, 1);
  for (std::size_t index = 0; index < 2; ++index) {
    auto options = options_of(tiny, index, index == 0 ? "0.sqlite" : "1.sqlite");
    options.model = shared;
    EXPECT_TRUE(Hospital::create(std::move(options), &transport));
  }
  EXPECT_EQ(transport.exchanges, 1);
}

TEST(SharedModelTest, TheServersWeightsAreTheModels) {
  TinyFederation tiny{"shared_weights"};
  const auto open = [&] { return model::open_model(tiny.config.model.path.string()).value(); };
  auto other = open().model;
  other.base.blocks[1][2](0, 0) += 1;
  ASSERT_TRUE(model::save_model_folder(other, tiny.folder() / "other"));
  const std::string own = tiny.config.model.path.string(), foreign = tiny.folder() / "other";
  const auto served = [&](const std::vector<ModelToServe>& models) {
    return serve_models(tiny.config.encryption, tiny.config.server, models).value().service;
  };
  const auto shared = [&](std::shared_ptr<const protocol::FrameService> service) {
    protocol::InProcessTransport transport{std::move(service)};
    return SharedModel::create(tiny.config.encryption, open(), {}, &transport);
  };
  EXPECT_TRUE(shared(served({{foreign, {}}, {own, {}}}))) << "of one shape, told apart";
  const auto refused = shared(served({{foreign, {}}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::mismatch);
  EXPECT_NE(refused.error().detail.find("has the same shape and other weights"), std::string::npos)
      << refused.error().detail;
}

TEST(SharedModelTest, AnEncryptedOracleNeedsAServer) {
  TinyFederation tiny{"shared_no_server"};
  auto bundle = model::open_model(tiny.config.model.path.string()).value();
  const auto shared = SharedModel::create(tiny.config.encryption, std::move(bundle), {}, nullptr);
  ASSERT_FALSE(shared);
  EXPECT_EQ(shared.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace hippocrypt::federation
