#include "protocol/server/deployment.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "protocol/client/encrypted_oracle.hpp"
#include "protocol/in_process_transport.hpp"
#include "tests/protocol/small_model.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::protocol {
namespace {

using test::random_matrix;
using test_support::TemporaryFolder;

const test::SmallModel& world() {
  static const test::SmallModel made = test::make_small_model();
  return made;
}

Result<std::shared_ptr<Deployment>> deploy(const std::filesystem::path& cache,
                                           std::uint64_t tiles = 1000,
                                           const model::BaseWeights& base = world().base) {
  static SystemRandom random;
  HIPPOCRYPT_TRY(auto made, Deployment::create(
                                world().config,
                                [base] { return Result{ServedWeights::of(world().config, base)}; },
                                {world().params, 1, cache, tiles}, random));
  return std::shared_ptr<Deployment>{std::move(made)};
}

std::vector<std::filesystem::path> hint_files(const TemporaryFolder& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{folder.path()}) {
    if (entry.path().extension() == ".hints") files.push_back(entry.path());
  }
  return files;
}

TEST(DeploymentTest, WithoutACacheEveryStartHasItsOwnMasks) {
  const auto one = deploy({}).value(), two = deploy({}).value();
  EXPECT_FALSE(one->from_cache());
  EXPECT_FALSE(same_bytes(*one->service()->setup_frame(), *two->service()->setup_frame()));
}

TEST(DeploymentTest, TheSecondStartServesTheFirstsHintsFromTheFile) {
  const TemporaryFolder folder;
  const auto one = deploy(folder.path()).value();
  EXPECT_FALSE(one->from_cache());
  const auto two = deploy(folder.path()).value();
  EXPECT_TRUE(two->from_cache());
  EXPECT_TRUE(same_bytes(*one->service()->setup_frame(), *two->service()->setup_frame()));
  ASSERT_EQ(hint_files(folder).size(), 1U);
  // The file's bytes are the frame's: what hospitals get is what lies there.
  EXPECT_EQ(std::filesystem::file_size(hint_files(folder)[0]),
            two->service()->setup_frame()->size());
}

TEST(DeploymentTest, ADamagedFileIsMadeAnew) {
  const TemporaryFolder folder;
  const auto wanted = deploy(folder.path()).value()->service()->setup_frame();
  const auto file = hint_files(folder).at(0);
  const auto size = std::filesystem::file_size(file);
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{9}, std::size_t{200}, size / 2, size - 1}) {
    {
      // A copy is damaged and renamed: files that are mapped must not change.
      const auto copy = folder.path() / "copy";
      std::filesystem::copy_file(file, copy, std::filesystem::copy_options::overwrite_existing);
      std::fstream stream{copy, std::ios::in | std::ios::out | std::ios::binary};
      stream.seekg(static_cast<std::streamoff>(at));
      const char byte = static_cast<char>(stream.get() ^ 1);
      stream.seekp(static_cast<std::streamoff>(at));
      stream.put(byte);
      stream.close();
      std::filesystem::rename(copy, file);
    }
    const auto again = deploy(folder.path()).value();
    EXPECT_FALSE(again->from_cache()) << at;
    EXPECT_TRUE(same_bytes(*again->service()->setup_frame(), *wanted)) << at;
    EXPECT_TRUE(deploy(folder.path()).value()->from_cache()) << at;
  }
  std::filesystem::resize_file(file, 100);
  EXPECT_FALSE(deploy(folder.path()).value()->from_cache());
}

TEST(DeploymentTest, OtherWeightsAndParametersHaveTheirOwnFiles) {
  const TemporaryFolder folder;
  ASSERT_TRUE(deploy(folder.path()));
  const auto other = deploy(folder.path(), 1000, test::random_weights(world().config, 99)).value();
  EXPECT_FALSE(other->from_cache());
  EXPECT_EQ(hint_files(folder).size(), 2U);
}

TEST(DeploymentTest, AFrameOfOthersIsNotAdopted) {
  const auto& m = world();
  const SharedBytes frame = m.service->setup_frame();
  const auto adopt = [&](const model::BaseWeights& base, const Hash256& fingerprint,
                         const crypto::MaskNonce& nonce, const char* params = "rlwe1024") {
    const auto set = crypto::Params::named(params).value();
    const auto parts = adopt_setup_frame({m.config, base, fingerprint, set, nonce, 1}, frame);
    return parts ? "" : std::string{to_string(parts.error().code)} + ": " + parts.error().detail;
  };
  EXPECT_EQ(adopt(m.base, m.fingerprint, test::sample_nonce()), "");
  EXPECT_EQ(adopt(m.base, m.fingerprint, {}), "mismatch: these hints were made for other masks");
  EXPECT_EQ(adopt(m.base, {}, test::sample_nonce()),
            "mismatch: these hints were made for other weights");
  EXPECT_EQ(adopt(test::random_weights(m.config, 5), m.fingerprint, test::sample_nonce()),
            "mismatch: these hints were made for other weights");
  EXPECT_EQ(adopt(m.base, m.fingerprint, test::sample_nonce(), "rlwe2048"),
            "mismatch: these hints were made for other encryption parameters");
}

TEST(DeploymentTest, ANewNonceComesAfterTheLastTileAndClientsGoOn) {
  const TemporaryFolder folder;
  for (const auto& cache : {std::filesystem::path{}, folder.path()}) {
    const auto server = deploy(cache, 5).value();
    InProcessTransport transport{server};
    test_support::SeededRandom random{1};
    EncryptedOracle oracle{ServerSetup::fetch(transport, world().params, world().config).value(),
                           transport,
                           random,
                           {8, 8}};
    const Matrix x = random_matrix(48, 8, 1);
    std::vector<Hash256> setups;
    for (int i = 0; i < 12; ++i) {
      ASSERT_TRUE(oracle.forward({0, model::LinearGroup::qkv}, x)) << i;
      setups.push_back(sha256(*server->service()->setup_frame()));
    }
    EXPECT_EQ(setups[0], setups[4]);
    EXPECT_NE(setups[4], setups[5]);
    EXPECT_EQ(setups[5], setups[9]);
    EXPECT_NE(setups[9], setups[10]);
    EXPECT_EQ(oracle.requests(), 12U + 2);
  }
  EXPECT_EQ(hint_files(folder).size(), 1U) << "hints of spent masks are removed";
}

TEST(DeploymentTest, RefusalsDoNotCount) {
  const auto server = deploy({}, 1).value();
  const auto before = sha256(*server->service()->setup_frame());
  for (int i = 0; i < 5; ++i) static_cast<void>(server->answer(as_bytes("nonsense")));
  EXPECT_EQ(sha256(*server->service()->setup_frame()), before);
}

TEST(DeploymentTest, WeightsThatChangedMeanwhileAreNotServed) {
  static SystemRandom random;
  int calls = 0;
  const std::shared_ptr<Deployment> server =
      Deployment::create(
          world().config,
          [&calls]() -> Result<ServedWeights> {
            return ServedWeights::of(world().config, calls++ == 0
                                                         ? world().base
                                                         : test::random_weights(world().config, 6));
          },
          {world().params, 1, {}, 1}, random)
          .value();
  InProcessTransport transport{server};
  test_support::SeededRandom seeded{1};
  EncryptedOracle oracle{ServerSetup::fetch(transport, world().params, world().config).value(),
                         transport,
                         seeded,
                         {8, 8}};
  const Matrix x = random_matrix(48, 8, 1);
  EXPECT_TRUE(oracle.forward({0, model::LinearGroup::qkv}, x));
  const auto refused = oracle.forward({0, model::LinearGroup::qkv}, x);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::mismatch);
}

TEST(DeploymentTest, ACacheThatCannotBeWrittenIsAnError) {
  const TemporaryFolder folder;
  std::ofstream{folder.path() / "file"} << "x";
  const auto made = deploy(folder.path() / "file");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::io);
}

TEST(DeploymentTest, WeightsThatCannotBeReadAreAnError) {
  SystemRandom random;
  const auto made = Deployment::create(
      world().config,
      []() -> Result<ServedWeights> {
        return Error{Errc::not_found, "no weights"};
      },
      {world().params, 1, {}, 1}, random);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::not_found);
}

}  // namespace
}  // namespace hippocrypt::protocol
