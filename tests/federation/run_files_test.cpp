#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "base/file.hpp"
#include "federation/aggregator/run_store.hpp"
#include "federation/common/run_record.hpp"
#include "tests/support/version_sentence.hpp"

namespace hippocrypt::federation {
namespace {

namespace fs = std::filesystem;

class RunFilesTest : public ::testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_ =
      fs::temp_directory_path() / (std::string{"hippocrypt_run_"} +
                                   ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(RunFilesTest, GlobalVectorsComeBack) {
  const RunStore store{folder_};
  ASSERT_TRUE(store.save_global(3, {1.5F, -2.0F}));
  EXPECT_EQ(store.load_global(3).value(), (std::vector<float>{1.5F, -2.0F}));
  EXPECT_EQ(store.load_global(4).error().code, Errc::not_found);
}

TEST_F(RunFilesTest, ARunThatNobodyHasClaimedIsInterrupted) {
  fs::create_directories(folder_);
  RunRecord record;
  record.run = "demo";
  ASSERT_TRUE(save_run_record(folder_, record));
  EXPECT_EQ(load_run_record(folder_)->status, RunStatus::interrupted);
  {
    const auto claim = claim_run(folder_);
    ASSERT_TRUE(claim);
    EXPECT_EQ(load_run_record(folder_)->status, RunStatus::running);
    const auto second = claim_run(folder_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::unavailable);
    EXPECT_NE(second.error().detail.find("another process"), std::string::npos);
  }
  EXPECT_EQ(load_run_record(folder_)->status, RunStatus::interrupted);
  record.status = RunStatus::failed;
  ASSERT_TRUE(save_run_record(folder_, record));
  EXPECT_EQ(load_run_record(folder_)->status, RunStatus::failed);
  EXPECT_EQ(claim_run("/dev/null").error().code, Errc::io);
}

TEST_F(RunFilesTest, DamagedGlobalVectorsAreRefused) {
  const RunStore store{folder_};
  ASSERT_TRUE(store.save_global(1, {1, 2}));
  const auto path = folder_ / "global" / "round_0001.bin";
  const Bytes good = read_file(path, 1000).value();
  for (std::size_t length = 0; length < good.size(); ++length) {
    ASSERT_TRUE(write_file_atomically(path, ByteView{good}.first(length)));
    EXPECT_FALSE(store.load_global(1)) << length;
  }
  Bytes flipped = good;
  flipped[22] ^= 1;
  ASSERT_TRUE(write_file_atomically(path, flipped));
  EXPECT_EQ(store.load_global(1).error().code, Errc::tampered);
  flipped = good;
  flipped[4] = 9;
  ASSERT_TRUE(write_file_atomically(path, flipped));
  EXPECT_EQ(store.load_global(1).error().code, Errc::unsupported);
  EXPECT_EQ(store.load_global(1).error().detail, path.string() + test_support::newer_sentence(9));
  ASSERT_TRUE(write_file_atomically(folder_ / "global" / "round_0002.bin", good));
  EXPECT_EQ(store.load_global(2).error().code, Errc::mismatch);
}

RunRecord sample_record() {
  RunRecord record;
  record.run = "demo";
  record.status = RunStatus::finished;
  record.oracle = "encrypted";
  record.delta = 1e-5;
  record.rounds = 2;
  HospitalRecord hospital;
  hospital.name = "a";
  hospital.ledger = "hospitals/a/ledger.sqlite";
  hospital.budget = std::numeric_limits<double>::infinity();
  hospital.loss_before = 2.5;
  hospital.loss_after = std::numeric_limits<double>::quiet_NaN();
  record.hospitals.push_back(hospital);
  return record;
}

TEST_F(RunFilesTest, TheRecordComesBack) {
  ASSERT_TRUE(save_run_record(folder_, sample_record()));
  const auto record = load_run_record(folder_).value();
  EXPECT_EQ(record.run, "demo");
  EXPECT_EQ(record.status, RunStatus::finished);
  EXPECT_TRUE(std::isinf(record.hospitals.at(0).budget));
  EXPECT_EQ(record.hospitals.at(0).loss_before, 2.5);
  EXPECT_TRUE(std::isnan(record.hospitals.at(0).loss_after));
  EXPECT_FALSE(record.dp_forward.has_value());
  EXPECT_EQ(find_run_folder(folder_.string()).value(), folder_);
}

TEST_F(RunFilesTest, DpForwardComesBack) {
  auto record = sample_record();
  record.dp_forward = {1e-6, std::numeric_limits<double>::infinity(), 2.5, 0.6, 768, 64};
  ASSERT_TRUE(save_run_record(folder_, record));
  const auto forward = load_run_record(folder_).value().dp_forward;
  ASSERT_TRUE(forward.has_value());
  EXPECT_EQ(forward->delta, 1e-6);
  EXPECT_TRUE(std::isinf(forward->budget));
  EXPECT_EQ(forward->clip, 2.5);
  EXPECT_EQ(forward->noise_multiplier, 0.6);
  EXPECT_EQ(forward->features, 768U);
  EXPECT_EQ(forward->tokens, 64U);
}

TEST_F(RunFilesTest, ABrokenOrMissingRecordIsAnError) {
  EXPECT_EQ(load_run_record(folder_).error().code, Errc::not_found);
  EXPECT_EQ(find_run_folder(folder_.string()).error().code, Errc::not_found);
  ASSERT_TRUE(write_file_atomically(folder_ / "run.json", as_bytes("{\"run\": 3}")));
  EXPECT_EQ(load_run_record(folder_).error().code, Errc::malformed);
}

TEST_F(RunFilesTest, ARecordOfANewerReleaseSaysSo) {
  ASSERT_TRUE(save_run_record(folder_, sample_record()));
  const auto path = folder_ / "run.json";
  std::string text = read_text_file(path, 10'000).value();
  const std::string version = "\"version\": 1";
  ASSERT_NE(text.find(version), std::string::npos);
  text.replace(text.find(version), version.size(), "\"version\": 2");
  ASSERT_TRUE(write_file_atomically(path, as_bytes(text)));
  EXPECT_EQ(load_run_record(folder_).error().code, Errc::unsupported);
  EXPECT_EQ(load_run_record(folder_).error().detail,
            path.string() + test_support::newer_sentence(2));
}

TEST_F(RunFilesTest, RunsAreNeverOverwritten) {
  EXPECT_EQ(create_run_folder(folder_, "x").value(), folder_ / "x");
  EXPECT_EQ(create_run_folder(folder_, "x").value(), folder_ / "x-2");
  EXPECT_EQ(create_run_folder(folder_, "x").value(), folder_ / "x-3");
  ASSERT_TRUE(write_file_atomically(folder_ / "file", as_bytes("no folder")));
  EXPECT_EQ(create_run_folder(folder_ / "file", "x").error().code, Errc::io);
}

}  // namespace
}  // namespace hippocrypt::federation
