// Hospitals' sessions against a collector, with hospitals that are killed and made again.

#include "federation/session/hospital_session.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "base/file.hpp"
#include "federation/secagg/aggregator/secagg_collector.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::federation {
namespace {

constexpr std::size_t hospitals = 4, values = 5;

std::string name_of(std::size_t index) { return "h" + std::to_string(index); }

Update trained(std::uint32_t round, std::size_t hospital) {
  Update update;
  update.round = round;
  for (std::size_t i = 0; i < values; ++i) {
    update.values.push_back(0.1F * static_cast<float>(i + 1) *
                            static_cast<float>(hospital + round));
  }
  return update;
}

class HospitalSessionTest : public ::testing::Test {
 protected:
  HospitalSessionTest() {
    std::vector<secagg::Member> members;
    for (std::size_t i = 0; i < hospitals; ++i) {
      std::filesystem::create_directories(folder(i));
      identities_.push_back(std::make_shared<const secagg::IdentityKey>(
          secagg::IdentityKey::load_or_create(folder(i) / "identity", random_).value()));
      members.push_back({name_of(i), identities_[i]->public_part(), 1});
    }
    roster_ = std::make_shared<const secagg::Roster>(secagg::Roster::create(members).value());
    params_ = secagg::Params::create({.weights = {1, 1, 1, 1}}).value();
    sessions_.resize(hospitals);
    for (std::size_t i = 0; i < hospitals; ++i) make(i);
  }

  std::filesystem::path folder(std::size_t i) const { return home_.path() / name_of(i); }

  /// The hospital's process begins, with what its files hold.
  void make(std::size_t i) {
    HospitalSession::Parts parts;
    parts.hospital = name_of(i);
    parts.folder = folder(i);
    parts.journal = HospitalJournal::open(folder(i), {}).value();
    parts.secure = std::make_shared<const SecureRun>(
        SecureRun{"run", name_of(i), *params_, roster_, identities_[i], 1});
    parts.random = std::make_shared<SystemRandom>();
    sessions_[i] = std::make_unique<HospitalSession>(std::move(parts));
  }

  void begin(std::uint32_t round, std::uint32_t attempt) {
    round_ = {round, attempt};
    sent_.clear();
    collector_ = secagg::secagg_collectors({*params_, roster_, "run", values, 1}).value()();
    std::vector<std::string> names;
    for (std::size_t i = 0; i < hospitals; ++i) names.push_back(name_of(i));
    for (const auto& out : collector_->begin(round, attempt, names)) deliver(out);
    for (std::size_t i = 0; i < hospitals; ++i) start(i);
  }
  void start(std::size_t i) {
    act(i, sessions_[i]->on_frame(
               encode(RoundStart{round_.round, round_.attempt, std::vector<float>(values)})));
  }
  void deliver(const Outgoing& out) {
    const std::size_t i = static_cast<std::size_t>(out.to[1] - '0');
    act(i, sessions_[i]->on_frame(encode(out.message)));
  }
  void act(std::size_t i, const SessionActions& actions) {
    for (const auto& action : actions) {
      if (const auto* send = std::get_if<SendFrame>(&action)) sent_.push_back(send->frame);
      if (const auto* train = std::get_if<TrainRound>(&action)) {
        ++trainings_;
        if (trains_) act(i, sessions_[i]->on_trained(trained(train->start.round, i)));
      }
      if (const auto* tell = std::get_if<TellHospital>(&action)) told_.push_back(tell->text);
    }
  }
  /// Hands what was sent to the collector; frames of masked updates are remembered.
  void settle() {
    for (; !sent_.empty(); sent_.pop_front()) {
      auto message = decode_round_message(sent_.front());
      if (!message) continue;  // an update that says that there is none
      if (message->kind == RoundMessageKind::masked_update) masked_.push_back(sent_.front());
      const auto taken = collector_->receive(*message);
      EXPECT_TRUE(taken || taken.error().code == Errc::stale) << to_string(taken.error());
    }
  }
  /// A phase; true when the attempt is done.
  bool phase() {
    settle();
    EXPECT_TRUE(collector_->awaited().empty());
    const auto result = collector_->close_phase();
    EXPECT_EQ(result.void_reason, "");
    for (const auto& out : result.send) deliver(out);
    return result.done;
  }
  /// The hospital is killed, made again, joins and is told again where the attempt is.
  void restart(std::size_t i) {
    settle();
    make(i);
    start(i);
    for (const auto& out : collector_->remind(name_of(i))) deliver(out);
  }
  void expect_mean(std::uint32_t round) {
    const auto contributions = collector_->take().value();
    ASSERT_EQ(contributions.updates.size(), 1U);
    for (std::size_t v = 0; v < values; ++v) {
      double mean = 0;
      for (std::size_t i = 0; i < hospitals; ++i) {
        mean += static_cast<double>(trained(round, i).values[v]) / hospitals;
      }
      EXPECT_NEAR(contributions.updates[0][v], mean, 1e-5);
    }
  }
  /// The last that was sent and told: takes no part in the attempt, and why.
  void expect_failed(const std::string& why) {
    ASSERT_EQ(sent_.size(), 1U);
    const auto update = decode_update(sent_.front());
    ASSERT_TRUE(update);
    EXPECT_EQ(update->status, UpdateStatus::failed);
    ASSERT_FALSE(told_.empty());
    EXPECT_NE(told_.back().find(why), std::string::npos) << told_.back();
  }
  std::size_t secrets(std::size_t i) const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator{folder(i)}) {
      if (entry.path().extension() == ".secagg") ++count;
    }
    return count;
  }

  test_support::TemporaryFolder home_;
  test_support::SeededRandom random_{3};
  std::vector<std::shared_ptr<const secagg::IdentityKey>> identities_;
  std::shared_ptr<const secagg::Roster> roster_;
  std::optional<secagg::Params> params_;
  std::vector<std::unique_ptr<HospitalSession>> sessions_;
  std::unique_ptr<Collector> collector_;
  AttemptId round_;
  bool trains_ = true;
  int trainings_ = 0;
  std::deque<Bytes> sent_;
  std::vector<Bytes> masked_;
  std::vector<std::string> told_;
};

TEST_F(HospitalSessionTest, ARoundOfFourGivesTheirMean) {
  begin(1, 1);
  while (!phase()) {
  }
  EXPECT_EQ(trainings_, 4);
  expect_mean(1);
}

TEST_F(HospitalSessionTest, KilledBeforeAnyPhaseItSaysTheSame) {
  for (std::uint32_t round = 1; round <= 5; ++round) {
    masked_.clear();
    begin(round, 1);
    for (std::uint32_t at = 1;; ++at) {
      if (at == round) restart(round % hospitals);
      if (phase()) break;
    }
    expect_mean(round);
    // A masked update that was sent twice was the same twice.
    std::map<std::string, Bytes> by_hospital;
    for (const Bytes& frame : masked_) {
      const auto [entry, is_new] =
          by_hospital.emplace(decode_round_message(frame)->hospital, frame);
      EXPECT_EQ(entry->second, frame);
    }
    EXPECT_EQ(by_hospital.size(), hospitals);
    for (const auto& text : told_) ADD_FAILURE() << text;
  }
}

TEST_F(HospitalSessionTest, KeysAndSharesTravelDuringTraining) {
  trains_ = false;
  begin(1, 1);
  EXPECT_FALSE(phase());  // keys
  EXPECT_FALSE(phase());  // shares
  settle();
  EXPECT_EQ(collector_->awaited().size(), hospitals);
  for (std::size_t i = 0; i < hospitals; ++i) act(i, sessions_[i]->on_trained(trained(1, i)));
  while (!phase()) {
  }
  EXPECT_EQ(masked_.size(), hospitals);
}

TEST_F(HospitalSessionTest, SecretsGoWhenTheAttemptIsOver) {
  begin(1, 1);
  settle();
  EXPECT_EQ(secrets(0), 1U);
  RoundSummary summary;
  summary.round = summary.attempt = 1;
  act(0, sessions_[0]->on_frame(encode(summary)));
  EXPECT_EQ(secrets(0), 0U);
  // Asked again it does not make new ones.
  sent_.clear();
  start(0);
  make(0);
  start(0);
  EXPECT_EQ(secrets(0), 0U);
  EXPECT_FALSE(told_.empty());
  for (const Bytes& frame : sent_) EXPECT_FALSE(decode_round_message(frame));
}

TEST_F(HospitalSessionTest, AVoidAttemptIsTriedAgainWithNewKeys) {
  begin(1, 1);
  EXPECT_FALSE(phase());
  begin(1, 2);
  EXPECT_EQ(secrets(0), 1U);
  while (!phase()) {
  }
  EXPECT_EQ(masked_.size(), hospitals);
}

TEST_F(HospitalSessionTest, AnotherKeyBookAfterARestartIsRefused) {
  begin(1, 1);
  settle();
  const auto books = collector_->close_phase().send;
  for (const auto& out : books) deliver(out);
  make(0);
  start(0);
  Outgoing other = books[0];
  other.message.body.back() ^= 1;
  sent_.clear();
  deliver(other);
  expect_failed("second, different key book");
}

TEST_F(HospitalSessionTest, AfterARestartNoOtherUpdateIsMasked) {
  begin(1, 1);
  EXPECT_FALSE(phase());  // keys
  EXPECT_FALSE(phase());  // shares
  settle();
  ASSERT_EQ(masked_.size(), hospitals);
  trains_ = false;
  restart(0);
  sent_.clear();
  act(0, sessions_[0]->on_trained(trained(1, 7)));
  expect_failed("show their difference");
}

TEST_F(HospitalSessionTest, ADamagedHashInTheJournalEndsThePartInTheAttempt) {
  begin(1, 1);
  EXPECT_FALSE(phase());  // keys
  EXPECT_FALSE(phase());  // shares
  settle();
  sessions_[0].reset();
  auto journal = HospitalJournal::open(folder(0), {}).value();
  ASSERT_TRUE(journal.keep({name_of(0), 1, 1, RoundMessageKind::masked_update, Bytes(5)}));
  make(0);
  start(0);
  expect_failed("has 5 bytes");
}

TEST_F(HospitalSessionTest, ANewerRoundStopsTheTrainingOfAnOlder) {
  trains_ = false;
  begin(1, 1);
  const auto actions = sessions_[0]->on_frame(encode(RoundStart{2, 1, std::vector<float>(values)}));
  const auto count = [](const SessionActions& all, auto wanted) {
    using Wanted = decltype(wanted);
    return std::count_if(all.begin(), all.end(),
                         [](const auto& action) { return std::holds_alternative<Wanted>(action); });
  };
  EXPECT_EQ(count(actions, StopTraining{}), 1);
  EXPECT_EQ(count(actions, TrainRound{}), 0);
  Update stopped;
  stopped.round = 1;
  stopped.status = UpdateStatus::failed;
  EXPECT_EQ(count(sessions_[0]->on_trained(stopped), TrainRound{}), 1);
  EXPECT_EQ(sessions_[0]->heartbeat().round, 2U);
}

TEST_F(HospitalSessionTest, TheEndOfTheRunIsHandedOn) {
  const auto last = sessions_[0]->on_frame(encode(FinalAdapter{{1.0F}}));
  ASSERT_EQ(last.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<FinishRun>(last[0]));
  const auto early = sessions_[0]->on_frame(encode(RunEnded{"too few"}));
  ASSERT_EQ(early.size(), 1U);
  EXPECT_EQ(std::get<LeaveRun>(early[0]).reason, "too few");
  trains_ = false;
  begin(1, 1);
  EXPECT_EQ(secrets(0), 1U);
  act(0, sessions_[0]->on_frame(encode(RunEnded{"too few"})));
  EXPECT_EQ(secrets(0), 0U) << "of an attempt that will never be over";
  const auto garbage = sessions_[0]->on_frame(Bytes(30));
  EXPECT_TRUE(std::holds_alternative<TellHospital>(garbage.at(0)));
}

}  // namespace
}  // namespace hippocrypt::federation
