// A hospital that has its own part of the model only, and hints that it streams, keeps or computes.

#include "cli/session/hospital_part.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <limits>

#include "cli/preflight/model_checks.hpp"
#include "cli/session/hint_maker.hpp"
#include "federation/client/hint_keeper.hpp"
#include "federation/client/hospital.hpp"
#include "federation/server/product_server.hpp"
#include "model/source/write_model.hpp"
#include "protocol/in_process_transport.hpp"
#include "tests/support/tiny_federation.hpp"
#include "tests/testing_program/step_prf.hpp"

namespace hippocrypt::cli {
namespace {

using federation::HintSource;
using federation::Hospital;
using federation::HospitalOptions;
using federation::OracleKind;
using test_support::TinyFederation;

/// Counts what hospitals ask for.
class WatchedTransport final : public protocol::ProductTransport {
 public:
  explicit WatchedTransport(std::shared_ptr<const protocol::FrameService> service)
      : server_{std::move(service)} {}
  Result<SharedBytes> exchange(SharedBytes request) override {
    const auto type = protocol::open_frame(*request).value().type;
    if (type == protocol::MessageType::hint_request) ++hint_requests;
    Result<SharedBytes> reply = server_.exchange(std::move(request));
    if (reply) {
      const std::size_t size = (*reply)->size();
      for (std::size_t seen = largest; size > seen && !largest.compare_exchange_weak(seen, size);) {
      }
    }
    return reply;
  }
  std::atomic<std::size_t> hint_requests = 0, largest = 0;

 private:
  protocol::InProcessTransport server_;
};

class HospitalPartTest : public testing::Test {
 protected:
  HospitalPartTest() {
    tiny_.config.privacy.noise_multiplier = 0;
    const auto bundle = model::open_model(whole()).value();
    EXPECT_TRUE(model::write_hospital_part(
        bundle, make_hospital_part(bundle.model, channels, 2).value(), part()));
  }
  std::string whole() const { return (tiny_.folder() / "model").string(); }
  std::string part() const { return (tiny_.folder() / "part").string(); }

  std::shared_ptr<const protocol::FrameService> serve() {
    auto model = model::load_model_folder(whole()).value();
    return federation::start_product_server(tiny_.config.encryption, tiny_.config.server, whole(),
                                            model.config, std::move(model.base))
        .value()
        .service;
  }
  HospitalOptions options(const std::string& spec, std::shared_ptr<protocol::HintKeeper> keeper) {
    HospitalOptions made;
    auto config = std::make_shared<federation::FederationConfig>(tiny_.config);
    config->model.path = spec;
    made.config = std::move(config);
    made.ledger = tiny_.folder() / ("ledger" + std::to_string(++hospitals_) + ".sqlite");
    made.run = "test";
    made.random = std::make_shared<testing_program::StepPrf>(5, "hospital");
    made.hints = std::move(keeper);
    return made;
  }
  std::shared_ptr<protocol::HintKeeper> keeper(const char* folder, HintSource source,
                                               std::uint64_t bytes) const {
    federation::HospitalSite site;
    site.folder = tiny_.folder() / folder;
    site.hint_cache_bytes = bytes;
    site.hint_source = source;
    return federation::make_hint_keeper(site, hint_maker(whole(), false, 1));
  }
  std::string refusal(HospitalOptions refused, protocol::ProductTransport* server) {
    const auto hospital = Hospital::create(std::move(refused), server);
    EXPECT_FALSE(hospital);
    return hospital ? "" : to_string(hospital.error());
  }

  static constexpr std::size_t channels = 2;
  TinyFederation tiny_{"hospital_part"};

 private:
  int hospitals_ = 0;
};

/// Everything that a hospital tells others of a round, with the same random numbers.
struct Round {
  double before = 0, after = 0;
  std::vector<float> values;
  friend bool operator==(const Round&, const Round&) = default;
};

Round one_round(HospitalOptions options, protocol::ProductTransport& server) {
  auto made = Hospital::create(std::move(options), &server);
  if (!made) {
    ADD_FAILURE() << to_string(made.error());
    return {};
  }
  Hospital& hospital = **made;
  EXPECT_TRUE(hospital.measure_start());
  const std::atomic<bool> never{false};
  const federation::RoundStart start{1, 1, std::vector<float>(hospital.adapter_size())};
  const auto update = hospital.train(start, never, [](const federation::StepReport&) {});
  const auto report = hospital.finish({update.values});
  return {report.loss_before, report.loss_after, update.values};
}

TEST_F(HospitalPartTest, TrainingAndEvaluationAreTheSameToTheLastBit) {
  tiny_.config.encryption.exact_channels = channels;
  WatchedTransport server{serve()};
  const Round want = one_round(options(whole(), nullptr), server);
  ASSERT_FALSE(want.values.empty());
  EXPECT_EQ(server.hint_requests, 0U);
  EXPECT_EQ(one_round(options(part(), nullptr), server), want);

  const auto all = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(one_round(options(part(), keeper("s", HintSource::download, 0)), server), want);
  const std::size_t streamed = server.hint_requests;
  EXPECT_GT(streamed, 0U);
  EXPECT_EQ(one_round(options(part(), keeper("k", HintSource::download, all)), server), want);
  const std::size_t kept = server.hint_requests - streamed;
  EXPECT_GT(kept, 0U);
  EXPECT_LT(kept, streamed);
  EXPECT_EQ(one_round(options(part(), keeper("k", HintSource::download, all)), server), want);
  EXPECT_EQ(server.hint_requests, streamed + kept);
  EXPECT_EQ(one_round(options(whole(), keeper("c", HintSource::compute, all)), server), want);
  EXPECT_EQ(one_round(options(whole(), keeper("a", HintSource::automatic, all)), server), want);
  EXPECT_EQ(server.hint_requests, streamed + kept);
}

TEST_F(HospitalPartTest, TheShippedModelIsTheSameToo) {
  const std::string shipped = std::string{HIPPOCRYPT_SOURCE_DIR} + "/data/model";
  auto bundle = model::open_model(shipped).value();
  tiny_.config.run.steps_per_round = 1;
  const auto made =
      make_hospital_part(bundle.model, tiny_.config.encryption.exact_channels, 2).value();
  const std::string own = (tiny_.folder() / "shipped").string();
  ASSERT_TRUE(model::write_hospital_part(bundle, made, own));
  WatchedTransport server{
      federation::start_product_server(tiny_.config.encryption, tiny_.config.server, shipped,
                                       bundle.model.config, std::move(bundle.model.base))
          .value()
          .service};
  const Round want = one_round(options(shipped, nullptr), server);
  // Half of its hints stay, half are streamed.
  const std::uint64_t half = server.largest / 2;
  EXPECT_EQ(one_round(options(own, keeper("half", HintSource::download, half)), server), want);
  EXPECT_GT(server.hint_requests, 0U);
}

TEST_F(HospitalPartTest, WithAKeeperNoMessageIsLarge) {
  tiny_.config.encryption.exact_channels = channels;
  WatchedTransport whole_setup{serve()}, pieces{serve()};
  ASSERT_TRUE(Hospital::create(options(part(), nullptr), &whole_setup));
  ASSERT_TRUE(
      Hospital::create(options(part(), keeper("k", HintSource::download, 1 << 30)), &pieces));
  EXPECT_LT(pieces.largest, std::size_t{4} << 20);
  EXPECT_LT(4 * pieces.largest, whole_setup.largest);
}

TEST_F(HospitalPartTest, TheFolderHoldsNoFrozenMatrix) {
  const auto opened = model::open_hospital_model(part()).value();
  EXPECT_TRUE(opened.model.base.blocks.empty());
  const auto full = model::open_hospital_model(whole()).value();
  EXPECT_FALSE(full.part);
  EXPECT_EQ(opened.model.config.fingerprint(), full.model.config.fingerprint());
  std::size_t frozen = 0;
  for (const auto& block : full.model.base.blocks) {
    for (const Matrix& weights : block) frozen += weights.size() * sizeof(float);
  }
  const auto tensor_bytes = [](const std::string& folder) {
    std::size_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator{folder}) {
      if (file.path().extension() == ".safetensors") bytes += file.file_size();
    }
    return bytes;
  };
  // The residuals of two channels, and names, are there instead.
  EXPECT_GT(tensor_bytes(whole()), tensor_bytes(part()) + frozen / 2);
}

TEST_F(HospitalPartTest, PreflightKnowsTheWeightsThatThePartIsOf) {
  for (const bool blind_head : {false, true}) {
    federation::FederationConfig config = tiny_.config;
    config.encryption.blind_head = blind_head;
    config.model.path = whole();
    const Hash256 wanted = own_fingerprint(config).value();
    config.model.path = part();
    EXPECT_EQ(own_fingerprint(config).value(), wanted) << blind_head;
  }
}

TEST_F(HospitalPartTest, PlainOraclesNeedTheWholeModel) {
  for (const OracleKind oracle : {OracleKind::plain_fp32, OracleKind::plain_int8}) {
    tiny_.config.encryption.oracle = oracle;
    const std::string sentence = refusal(options(part(), nullptr), nullptr);
    EXPECT_NE(sentence.find("holds only a hospital's part of a model"), std::string::npos)
        << sentence;
  }
  EXPECT_EQ(model::open_model(part()).error().code, Errc::unsupported);
  const auto maker = hint_maker(part(), false, 1)();
  ASSERT_FALSE(maker);
  EXPECT_EQ(maker.error().code, Errc::unsupported);
}

TEST_F(HospitalPartTest, OtherWeightsAndChannelsAreRefused) {
  WatchedTransport server{serve()};
  tiny_.config.encryption.exact_channels = channels + 1;
  EXPECT_NE(refusal(options(part(), nullptr), &server).find("made for 2 exact channels, but 3"),
            std::string::npos);
  tiny_.config.encryption.exact_channels = 0;
  EXPECT_TRUE(Hospital::create(options(part(), nullptr), &server));
  tiny_.config.encryption.exact_channels = channels;
  auto changed = model::load_model_folder(whole()).value();
  changed.base.blocks[1][2](0, 0) += 1;
  auto others = federation::start_product_server(tiny_.config.encryption, tiny_.config.server,
                                                 whole(), changed.config, std::move(changed.base))
                    .value();
  WatchedTransport foreign{others.service};
  EXPECT_NE(refusal(options(part(), nullptr), &foreign).find("made from other weights"),
            std::string::npos);
}

TEST_F(HospitalPartTest, ABlindHeadIsNamedToo) {
  tiny_.config.encryption.exact_channels = channels;
  tiny_.config.encryption.blind_head = true;
  auto model = model::load_model_folder(whole()).value();
  model::offer_head(model);
  WatchedTransport server{federation::start_product_server(tiny_.config.encryption,
                                                           tiny_.config.server, whole(),
                                                           model.config, std::move(model.base))
                              .value()
                              .service};
  EXPECT_EQ(one_round(options(part(), keeper("s", HintSource::download, 0)), server),
            one_round(options(whole(), nullptr), server));
}

TEST_F(HospitalPartTest, AWholeModelsFolderIsNotWrittenTo) {
  const auto bundle = model::open_model(whole()).value();
  const auto written = model::write_hospital_part(bundle, {}, whole());
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::invalid_config);
}

TEST_F(HospitalPartTest, DamagedFilesAreRefused) {
  const std::filesystem::path folder = part();
  const auto opened = [&] {
    const auto model = model::load_hospital_part(folder);
    return model ? Errc::cancelled : model.error().code;
  };
  ASSERT_EQ(opened(), Errc::cancelled);
  const auto write = [&](const std::string& text) {
    std::ofstream{folder / "hospital_part.json"} << text;
  };
  const std::string hash(64, 'a');
  const auto facts = [&](const std::string& version, const std::string& name) {
    return "{\"version\": " + version + ", \"exact_channels\": 2, \"weights\": \"" + name +
           "\", \"weights_with_head\": \"" + hash + "\"}";
  };
  write(facts("1", hash));
  EXPECT_EQ(opened(), Errc::cancelled);
  write(facts("2", hash));
  EXPECT_EQ(opened(), Errc::unsupported);
  write(facts("1", "abc"));
  EXPECT_EQ(opened(), Errc::malformed);
  write("{}");
  EXPECT_EQ(opened(), Errc::malformed);
  write(facts("1", hash));
  const std::vector<float> backwards{3, 1};
  const std::vector<model::NamedTensor> wrong{{"embedding", {2}, backwards}};
  EXPECT_TRUE(model::write_safetensors(folder / "hospital_part.safetensors", wrong));
  EXPECT_EQ(opened(), Errc::mismatch);
  std::filesystem::remove(folder / "hospital_part.safetensors");
  EXPECT_EQ(opened(), Errc::not_found);
}

}  // namespace
}  // namespace hippocrypt::cli
