// A hospital's hints on disk: what is fetched, what is not fetched twice, and who gives up.

#include "protocol/client/hint_store.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <numeric>

#include "protocol/client/encrypted_oracle.hpp"
#include "protocol/client/hint_file.hpp"
#include "protocol/server/deployment.hpp"
#include "tests/protocol/small_model.hpp"
#include "tests/protocol/test_transports.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::protocol {
namespace {

using model::LinearGroup;
using test::random_matrix;
using test::RecordingTransport;
using test_support::SeededRandom;
using test_support::TemporaryFolder;

/// Some of its hints take several pieces.
const test::SmallModel& world() {
  static const test::SmallModel made = [] {
    model::ModelLiteral literal = test::small_literal();
    literal.blocks = 1;
    literal.ffn = 300;
    return test::make_small_model("rlwe2048", literal);
  }();
  return made;
}

constexpr std::size_t products = 8, group_bytes = 16 * 2048 * 4;
/// One a product, two more of gate and up and one more of the down projection's backward.
constexpr std::size_t pieces = 11;
/// Hints of qkv, attention_out, gate_up and down, forward and backward, in groups of 16.
constexpr std::array<std::size_t, products> groups{5, 3, 3, 3, 38, 3, 3, 19};

std::uint64_t all_bytes() {
  return std::accumulate(groups.begin(), groups.end(), std::size_t{0}) * group_bytes;
}

using SetupPointer = std::shared_ptr<const ServerSetup>;

Result<SetupPointer> fetch(ProductTransport& transport, HintStore::Options options) {
  return ServerSetup::fetch(transport, world().params, world().config,
                            std::make_shared<HintStore>(std::move(options)));
}

MessageType type_of(const SharedBytes& frame) { return open_frame(*frame).value().type; }

/// Requests for hints that went through.
std::size_t pieces_asked(const RecordingTransport& transport) {
  return static_cast<std::size_t>(
      std::count_if(transport.requests.begin(), transport.requests.end(),
                    [](const auto& frame) { return type_of(frame) == MessageType::hint_request; }));
}

std::vector<std::filesystem::path> files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() == ".hints") out.push_back(entry.path());
  }
  return out;
}

Matrix forward(const SetupPointer& setup, ProductTransport& transport, LinearGroup group) {
  SeededRandom random{7};
  EncryptedOracle oracle{setup, transport, random, {16, 16}};
  return oracle.forward({0, group}, random_matrix(world().config.in_features(group), 9, 1)).value();
}

/// Whether products are those with the hints of the setup frame.
void expect_the_same_products(const SetupPointer& setup) {
  RecordingTransport transport{world().service};
  const auto products_of = [&transport](const SetupPointer& hints) {
    std::vector<Matrix> all;
    for (const LinearGroup group : {LinearGroup::qkv, LinearGroup::gate_up, LinearGroup::down}) {
      all.push_back(forward(hints, transport, group));
    }
    return all;
  };
  static const auto wanted =
      products_of(ServerSetup::fetch(transport, world().params, world().config).value());
  const auto got = products_of(setup);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_TRUE(std::equal(got[i].values().begin(), got[i].values().end(),
                           wanted[i].values().begin(), wanted[i].values().end()));
  }
}

void damage(const std::filesystem::path& file, std::uint64_t at) {
  // A copy is damaged and renamed: files that are mapped must not change.
  const auto copy = file.string() + ".copy";
  std::filesystem::copy_file(file, copy);
  std::fstream stream{copy, std::ios::in | std::ios::out | std::ios::binary};
  stream.seekg(static_cast<std::streamoff>(at));
  const char byte = static_cast<char>(stream.get() ^ 1);
  stream.seekp(static_cast<std::streamoff>(at));
  stream.put(byte);
  stream.close();
  std::filesystem::rename(copy, file);
}

TEST(HintStoreTest, HintsAreDownloadedOnce) {
  const TemporaryFolder folder;
  RecordingTransport transport{world().service};
  std::uint64_t there = 0, all = 0;
  const auto progress = [&](std::uint64_t now, std::uint64_t of) {
    EXPECT_GT(now, there);
    there = now;
    all = of;
  };
  const auto setup = fetch(transport, {.folder = folder.path() / "hints", .progress = progress});
  ASSERT_TRUE(setup) << to_string(setup.error());
  EXPECT_EQ(pieces_asked(transport), pieces);
  EXPECT_EQ(there, all_bytes());
  EXPECT_EQ(all, all_bytes());
  EXPECT_EQ(files(folder.path() / "hints").size(), products);
  expect_the_same_products(*setup);

  RecordingTransport again{world().service};
  const auto second = fetch(again, {.folder = folder.path() / "hints"});
  ASSERT_TRUE(second);
  EXPECT_EQ(pieces_asked(again), 0U);
  expect_the_same_products(*second);
}

TEST(HintStoreTest, WhatDoesNotFitIsStreamed) {
  const TemporaryFolder folder;
  RecordingTransport transport{world().service};
  // Gate and up (38 groups) do not fit behind the first four products; smaller ones after them do.
  const auto setup = fetch(transport, {.folder = folder.path(), .limit_bytes = 20 * group_bytes});
  ASSERT_TRUE(setup);
  std::uint64_t kept = 0;
  for (const auto& file : files(folder.path())) kept += std::filesystem::file_size(file);
  EXPECT_EQ(kept, (5 + 3 + 3 + 3 + 3 + 3) * group_bytes);
  EXPECT_FALSE((*setup)->at({0, LinearGroup::gate_up}).forward.has_hints());
  EXPECT_TRUE((*setup)->at({0, LinearGroup::gate_up}).backward.has_hints());
  EXPECT_FALSE((*setup)->at({0, LinearGroup::down}).backward.has_hints());
  expect_the_same_products(*setup);
  const auto none = fetch(transport, {.folder = folder.path(), .limit_bytes = 0});
  ASSERT_TRUE(none);
  EXPECT_TRUE(files(folder.path()).empty());
  expect_the_same_products(*none);
}

TEST(HintStoreTest, ADownloadGoesOnWhereItWasKilled) {
  for (int killed_at = 0; killed_at < static_cast<int>(pieces); ++killed_at) {
    const TemporaryFolder folder;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      std::atomic<int> hints = 0;
      RecordingTransport dying{world().service,
                               [&](std::size_t, const SharedBytes& reply) -> Result<SharedBytes> {
                                 const bool piece = type_of(reply) == MessageType::hint_reply;
                                 if (piece && hints++ == killed_at) ::raise(SIGKILL);
                                 return reply;
                               }};
      static_cast<void>(fetch(dying, {.folder = folder.path(), .pieces_in_flight = 1}));
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    RecordingTransport transport{world().service};
    const auto setup = fetch(transport, {.folder = folder.path()});
    ASSERT_TRUE(setup) << to_string(setup.error());
    // A piece is on disk before the next is asked for.
    EXPECT_LE(pieces_asked(transport),
              pieces - static_cast<std::size_t>(std::max(killed_at - 1, 0)));
    EXPECT_GE(pieces_asked(transport), pieces - static_cast<std::size_t>(killed_at));
    expect_the_same_products(*setup);
  }
}

TEST(HintStoreTest, TornAndDamagedFilesAreFetchedAgain) {
  const TemporaryFolder folder;
  RecordingTransport transport{world().service};
  const SetupPointer whole = fetch(transport, {.folder = folder.path()}).value();
  const auto& gate_up = whole->at({0, LinearGroup::gate_up}).forward;
  const auto file = folder.path() / (to_hex(gate_up.hint_sha256) + ".hints");
  const auto pieces_after = [&](const std::function<void()>& harm) {
    harm();
    RecordingTransport again{world().service};
    const auto setup = fetch(again, {.folder = folder.path()});
    EXPECT_TRUE(setup);
    if (setup) expect_the_same_products(*setup);
    return pieces_asked(again);
  };
  EXPECT_EQ(pieces_after([&] { damage(file, 3'000'001); }), 3U);
  const auto part = growing_name(file);
  const auto tear = [&](std::uintmax_t size) {
    std::filesystem::rename(file, part);
    std::filesystem::resize_file(part, size);
  };
  EXPECT_EQ(pieces_after([&] { tear(2 * 1024 * 1024 + 7); }), 2U);
  EXPECT_EQ(pieces_after([&] { tear(0); }), 3U);
  EXPECT_EQ(pieces_after([&] { tear(38 * group_bytes); }), 0U);  // only its name was missing
  EXPECT_EQ(pieces_after([&] {                                   // one wasted piece, then all three
              damage(file, 99);
              tear(4 * 1024 * 1024);
            }),
            1U + 3U);
  EXPECT_EQ(pieces_after([&] {  // longer than it can be
              tear(39 * group_bytes);
            }),
            3U);
  const auto& qkv = whole->at({0, LinearGroup::qkv}).forward;
  EXPECT_EQ(pieces_after([&] {
              std::filesystem::remove(folder.path() / (to_hex(qkv.hint_sha256) + ".hints"));
              std::filesystem::resize_file(file, 100);
            }),
            1U + 3U);
}

TEST(HintStoreTest, AServerThatLiesIsNotAskedForEver) {
  const TemporaryFolder folder;
  RecordingTransport lying{world().service,
                           [](std::size_t, const SharedBytes& reply) -> Result<SharedBytes> {
                             if (type_of(reply) != MessageType::hint_reply) return reply;
                             Bytes bytes(reply->begin(), reply->end());
                             bytes[bytes.size() - 60] ^= 1;
                             return SharedBytes{std::move(bytes)};
                           }};
  const auto setup = fetch(lying, {.folder = folder.path()});
  ASSERT_FALSE(setup);
  EXPECT_EQ(setup.error().code, Errc::mismatch);
  EXPECT_EQ(pieces_asked(lying), 2 * pieces);
}

TEST(HintStoreTest, AFailedExchangeKeepsWhatIsThere) {
  const TemporaryFolder folder;
  std::atomic<int> hints = 0;
  RecordingTransport failing{world().service,
                             [&](std::size_t, const SharedBytes& reply) -> Result<SharedBytes> {
                               const bool piece = type_of(reply) == MessageType::hint_reply;
                               if (!piece || ++hints <= 6) return reply;
                               return Error{Errc::unavailable, "unplugged"};
                             }};
  const auto setup = fetch(failing, {.folder = folder.path(), .pieces_in_flight = 1});
  ASSERT_FALSE(setup);
  EXPECT_EQ(setup.error().code, Errc::unavailable);
  RecordingTransport transport{world().service};
  ASSERT_TRUE(fetch(transport, {.folder = folder.path()}));
  EXPECT_EQ(pieces_asked(transport), pieces - 6);
}

TEST(HintStoreTest, WithTheWeightsHintsAreComputed) {
  const TemporaryFolder folder;
  const auto maker = [](const model::BaseWeights& base) -> HintStore::MakerSource {
    return [&base]() -> Result<HintStore::Maker> {
      return HintStore::Maker{[&base](const TileKind& kind, crypto::LanePolysView masks) {
        return compute_site_hints(base, kind.site, kind.direction, masks, 1);
      }};
    };
  };
  RecordingTransport transport{world().service};
  const auto setup = fetch(
      transport, {.folder = folder.path(), .make = maker(world().base), .may_download = false});
  ASSERT_TRUE(setup) << to_string(setup.error());
  EXPECT_EQ(pieces_asked(transport), 0U);
  expect_the_same_products(*setup);
  RecordingTransport again{world().service};
  ASSERT_TRUE(fetch(again, {.folder = folder.path()}));
  EXPECT_EQ(pieces_asked(again), 0U);

  const TemporaryFolder second;
  const auto others = test::random_weights(world().config, 99);
  const auto refused =
      fetch(transport, {.folder = second.path(), .make = maker(others), .may_download = false});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::mismatch);
  const auto downloaded = fetch(transport, {.folder = second.path(), .make = maker(others)});
  ASSERT_TRUE(downloaded);
  EXPECT_EQ(pieces_asked(transport), pieces);
  expect_the_same_products(*downloaded);
}

TEST(HintStoreTest, ComputingWithoutWeightsAndFailuresOfItAreErrors) {
  const TemporaryFolder folder;
  RecordingTransport transport{world().service};
  const auto without = fetch(transport, {.folder = folder.path(), .may_download = false});
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, Errc::unavailable);
  HintStore::Options options{.folder = folder.path(), .may_download = false};
  options.make = []() -> Result<HintStore::Maker> { return Error{Errc::io, "no such model"}; };
  const auto closed = fetch(transport, options);
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().code, Errc::io);
  options.make = [] {
    return Result{
        HintStore::Maker{[](const TileKind&, crypto::LanePolysView) -> Result<crypto::LanePolys> {
          return Error{Errc::not_finite, "a weight is not a number"};
        }}};
  };
  const auto failed = fetch(transport, options);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::not_finite);
  EXPECT_EQ(pieces_asked(transport), 0U);
  options.may_download = true;
  ASSERT_TRUE(fetch(transport, options));
  EXPECT_EQ(pieces_asked(transport), pieces);
}

TEST(HintStoreTest, AFolderThatCannotBeWrittenIsAnError) {
  const TemporaryFolder folder;
  std::ofstream{folder.path() / "file"} << "x";
  RecordingTransport transport{world().service};
  const auto setup = fetch(transport, {.folder = folder.path() / "file"});
  ASSERT_FALSE(setup);
  EXPECT_EQ(setup.error().code, Errc::io);
}

TEST(HintStoreTest, OnlyHintsThatAreNotWantedAreRemoved) {
  const TemporaryFolder folder;
  const std::string hash(64, 'a');
  for (const std::string& name : {hash + ".hints", hash + ".hints.part", hash + ".hints.tmp.1",
                                  std::string{"note.hints"}, std::string{"diary"}}) {
    std::ofstream{folder.path() / name} << "x";
  }
  RecordingTransport transport{world().service};
  ASSERT_TRUE(fetch(transport, {.folder = folder.path()}));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / (hash + ".hints")));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / (hash + ".hints.part")));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / (hash + ".hints.tmp.1")));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "note.hints"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "diary"));
}

TEST(HintStoreTest, NewMasksBringNewHints) {
  const TemporaryFolder folder;
  SystemRandom system;
  const std::shared_ptr<Deployment> server =
      Deployment::create(
          world().config, [] { return Result{ServedWeights::of(world().config, world().base)}; },
          {world().params, 1, {}, 2}, system)
          .value();
  InProcessTransport transport{server};
  const SetupPointer setup = fetch(transport, {.folder = folder.path()}).value();
  const auto before = files(folder.path());
  SeededRandom random{1};
  EncryptedOracle oracle{setup, transport, random, {8, 8}};
  const Matrix x = random_matrix(48, 8, 1);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(oracle.forward({0, LinearGroup::qkv}, x)) << i;
  const auto after = files(folder.path());
  EXPECT_EQ(after.size(), products);
  for (const auto& file : before) EXPECT_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace hippocrypt::protocol
