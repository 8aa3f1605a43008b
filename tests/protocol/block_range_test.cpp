// One model whose blocks several servers hold.

#include "protocol/core/block_range.hpp"

#include <gtest/gtest.h>

#include "protocol/client/encrypted_oracle.hpp"
#include "protocol/client/server_setup.hpp"
#include "protocol/core/request_block.hpp"
#include "protocol/in_process_transport.hpp"
#include "protocol/server/deployment.hpp"
#include "tests/protocol/small_model.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::protocol {
namespace {

using model::LinearGroup;

const test::SmallModel& world() {
  static const test::SmallModel made = test::make_small_model();
  return made;
}

crypto::MaskNonce nonce_of(std::uint8_t byte) {
  crypto::MaskNonce nonce{};
  nonce.fill(byte);
  return nonce;
}

Result<std::shared_ptr<const ProductService>> serve(BlockRange blocks, std::uint8_t nonce,
                                                    const Hash256& fingerprint,
                                                    model::BaseWeights base) {
  const auto masks = nonce_of(nonce);
  const SetupSources sources{world().config, base, fingerprint, world().params,
                             masks,          1,    false,       blocks};
  HIPPOCRYPT_TRY(auto parts, build_server_parts(sources));
  return std::make_shared<const ProductService>(sources, std::move(parts));
}

std::shared_ptr<const ProductService> serve(BlockRange blocks, std::uint8_t nonce = 0x5a) {
  return serve(blocks, nonce, world().fingerprint, world().base).value();
}

/// Sends a request to the server that the tests' two ranges say; counts what each was asked.
class TwoServers final : public ProductTransport {
 public:
  TwoServers(std::shared_ptr<const ProductService> low, std::shared_ptr<const ProductService> high)
      : servers_{std::move(low), std::move(high)} {}
  Result<SharedBytes> exchange(SharedBytes request) override {
    const std::uint32_t block = request_block(*request).value();
    ++asked[block == 0 ? 0 : 1];
    return servers_[block == 0 ? 0 : 1]->answer(*request);
  }
  std::array<int, 2> asked{};

 private:
  std::array<std::shared_ptr<const ProductService>, 2> servers_;
};

/// Keeps nothing, so that all hints are streamed.
class Nothing final : public HintKeeper {
 public:
  Status provide(ServerSetup&, ProductTransport&) override { return Ok{}; }
};

Matrix product(ProductTransport& transport, std::uint32_t block, LinearGroup group, bool forward,
               std::shared_ptr<HintKeeper> keeper = {}) {
  const auto setup =
      ServerSetup::fetch(transport, world().params, world().config, std::move(keeper)).value();
  test_support::SeededRandom random{4};
  EncryptedOracle oracle{setup, transport, random, {8, 8, 1}};
  const std::size_t rows =
      forward ? world().config.in_features(group) : world().config.out_features(group);
  const Matrix x = test::random_matrix(rows, 8, 3);
  return forward ? oracle.forward({block, group}, x).value()
                 : oracle.backward({block, group}, x).value();
}

SiteEntry first_site(const ProductService& service) {
  return decode<SetupReply>(open_frame(*service.setup_frame()).value())->sites.front();
}

TEST(BlockRangeTest, SaysWhatItHolds) {
  const BlockRange some{3, 5};
  EXPECT_FALSE(some.holds(2));
  EXPECT_TRUE(some.holds(3));
  EXPECT_TRUE(some.holds(5));
  EXPECT_FALSE(some.holds(6));
  EXPECT_EQ(some.count(), 3U);
  EXPECT_EQ(some.within(5), (BlockRange{3, 4}));
  EXPECT_EQ(some.within(3).count(), 0U);
  EXPECT_EQ(BlockRange{}.within(30), (BlockRange{0, 29}));
  EXPECT_EQ(describe(some), "blocks 3 to 5");
  EXPECT_EQ(describe(BlockRange{3, 3}), "block 3");
  EXPECT_EQ(describe(BlockRange{}), "all blocks");
  EXPECT_EQ(describe(BlockRange{2}), "all blocks from 2");
}

TEST(BlockRangeTest, AServerKeepsAndListsItsOwnBlocksOnly) {
  const auto whole = serve({}), low = serve({0, 0}), high = serve({1, 1});
  EXPECT_EQ(low->weight_bytes() + high->weight_bytes(), whole->weight_bytes());
  EXPECT_LT(low->setup_frame()->size(), whole->setup_frame()->size());
  EXPECT_EQ(first_site(*low).block, 0U);
  EXPECT_EQ(first_site(*high).block, 1U);
  EXPECT_TRUE(same_bytes(*serve({1})->setup_frame(), *high->setup_frame()));
}

TEST(BlockRangeTest, TwoServersGiveWhatOneGivesToTheLastBit) {
  TwoServers two{serve({0, 0}), serve({1, 1})};
  InProcessTransport one{serve({})};
  for (const std::uint32_t block : {0U, 1U}) {
    for (const auto group : {LinearGroup::qkv, LinearGroup::down}) {
      for (const bool forward : {true, false}) {
        const Matrix split = product(two, block, group, forward);
        const Matrix whole = product(one, block, group, forward);
        ASSERT_TRUE(std::equal(split.values().begin(), split.values().end(), whole.values().begin(),
                               whole.values().end()));
      }
    }
  }
  EXPECT_GT(two.asked[0], 0);
  EXPECT_EQ(two.asked[0], two.asked[1]);
}

TEST(BlockRangeTest, EveryServerMayHaveMasksOfItsOwn) {
  TwoServers two{serve({0, 0}, 1), serve({1, 1}, 2)};
  const auto setup = ServerSetup::fetch(two, world().params, world().config).value();
  EXPECT_EQ(setup->mask_nonce({0, LinearGroup::qkv}), nonce_of(1));
  EXPECT_EQ(setup->mask_nonce({1, LinearGroup::down}), nonce_of(2));
  InProcessTransport one{serve({})};
  const Matrix split = product(two, 1, LinearGroup::gate_up, true);
  const Matrix whole = product(one, 1, LinearGroup::gate_up, true);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_NEAR(split.values()[i], whole.values()[i], 0.05) << i;
  }
}

TEST(BlockRangeTest, EveryServerStreamsTheHintsOfItsOwnMasks) {
  TwoServers two{serve({0, 0}, 1), serve({1, 1}, 2)};
  for (const std::uint32_t block : {0U, 1U}) {
    const Matrix want = product(two, block, LinearGroup::down, false);
    const Matrix got = product(two, block, LinearGroup::down, false, std::make_shared<Nothing>());
    EXPECT_TRUE(std::equal(got.values().begin(), got.values().end(), want.values().begin()));
  }
}

TEST(BlockRangeTest, TheServerOfBlockZeroOffersTheHead) {
  model::BaseWeights base = world().base;
  base.head = test::random_matrix(world().config->vocab, world().config->hidden, 5);
  const auto low = serve({0, 0}, 1, world().fingerprint, base).value();
  const auto high = serve({1, 1}, 1, world().fingerprint, base).value();
  const auto setup =
      ServerSetup::parse({low->setup_frame(), high->setup_frame()}, world().params, world().config)
          .value();
  ASSERT_TRUE(setup->contains(model::head_site));
  EXPECT_EQ(setup->at(model::head_site).forward.outputs, world().config->vocab);
  EXPECT_EQ(setup->at({1, LinearGroup::qkv}).forward.inputs, world().config->hidden);
}

TEST(BlockRangeTest, SetupsThatDoNotMakeAModelAreRefused) {
  const auto low = serve({0, 0}), high = serve({1, 1});
  const auto verdict = [](std::vector<SharedBytes> frames) {
    const auto setup = ServerSetup::parse(std::move(frames), world().params, world().config);
    EXPECT_FALSE(setup);
    return setup ? std::string{} : to_string(setup.error());
  };
  EXPECT_EQ(verdict({low->setup_frame()}),
            "mismatch: the setup table does not fit the model: no server has block 1; use the same "
            "model on server and client");
  EXPECT_NE(verdict({high->setup_frame()}).find("mismatch"), std::string::npos);
  EXPECT_NE(verdict({high->setup_frame(), low->setup_frame()}).find("mismatch"), std::string::npos);
  EXPECT_NE(verdict({low->setup_frame(), low->setup_frame()}).find("mismatch"), std::string::npos);
  EXPECT_NE(verdict({serve({})->setup_frame(), high->setup_frame()}).find("mismatch"),
            std::string::npos);
  EXPECT_NE(verdict({}).find("no server has block 0"), std::string::npos);
  const auto others = serve({1, 1}, 1, Hash256{}, world().base).value();
  EXPECT_EQ(verdict({low->setup_frame(), others->setup_frame()}),
            "mismatch: the servers of block 0 and of block 1 have weights of different models; "
            "start them with the same");
}

TEST(BlockRangeTest, RequestsForBlocksOfOthersAreRefused) {
  const auto low = serve({0, 0});
  const auto refusal = [&](ByteView request) {
    const SharedBytes reply = low->answer(request);
    return decode<ErrorReply>(open_frame(*reply).value())->to_error();
  };
  const SetupRequest setup{world().params.fingerprint(), world().config.fingerprint(), {}, 1};
  EXPECT_EQ(refusal(encode(setup)).code, Errc::not_found);
  ProductRequest request{
      {world().params.fingerprint(), world().fingerprint, nonce_of(0x5a), 1, 1}, 48, 3};
  const Error error = refusal(encode(request, Bytes(request.body_bytes())));
  EXPECT_EQ(error.code, Errc::not_found);
  EXPECT_NE(error.detail.find("this server holds block 0 only, not block 1"), std::string::npos)
      << error.detail;
}

TEST(BlockRangeTest, BlocksThatTheModelDoesNotHaveCannotBeServed) {
  for (const BlockRange blocks : {BlockRange{2}, BlockRange{1, 2}, BlockRange{1, 0}}) {
    const auto made = serve(blocks, 1, world().fingerprint, world().base);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, Errc::out_of_range);
  }
}

TEST(BlockRangeTest, EveryRangeHasItsOwnCachedHints) {
  const test_support::TemporaryFolder folder;
  static SystemRandom random;
  const auto deploy = [&](BlockRange blocks) {
    return Deployment::create(
               world().config,
               [] { return Result{ServedWeights::of(world().config, world().base)}; },
               {world().params, 1, folder.path(), 1000, false, blocks}, random)
        .value();
  };
  for (const BlockRange blocks : {BlockRange{}, BlockRange{0, 0}, BlockRange{1, 1}}) {
    EXPECT_FALSE(deploy(blocks)->from_cache());
    const auto again = deploy(blocks);
    EXPECT_TRUE(again->from_cache());
    EXPECT_EQ(first_site(*again->service()).block, blocks.first);
  }
}

}  // namespace
}  // namespace hippocrypt::protocol
