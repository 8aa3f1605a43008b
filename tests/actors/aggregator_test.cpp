#include "actors/fedavg_aggregator.hpp"

#include <gtest/gtest.h>

#include <caf/all.hpp>
#include <optional>

#include "federation/aggregator/plain_collector.hpp"
#include "federation/aggregator/strategies/fed_avg.hpp"
#include "federation/common/round_messages.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::actors {
namespace {

/// A hospital that answers nothing and ends when it is told anything.
HospitalActor::behavior_type silent_hospital(HospitalActor::pointer self) {
  return {[self](deliver_atom, const Frame&) { self->quit(); }, [](join_atom) {}};
}

constexpr Hash256 fingerprint{1};  // of the adapter that everybody should start from

/// What the observer hears when the only hospital joins from another start, or ends: its Report,
/// and why the run then stopped.
struct Heard {
  std::optional<federation::Report> report;
  std::string why_stopped;
  bool final_adapter = false;  ///< of a run that stopped early there is none
};

std::shared_ptr<AggregatorSpec> spec_of(const std::vector<std::string>& hospitals,
                                        const std::filesystem::path& folder,
                                        const caf::scoped_actor& observer) {
  auto spec = std::make_shared<AggregatorSpec>();
  spec->coordinator.hospitals = hospitals;
  spec->coordinator.rounds = 3;
  spec->coordinator.rules.quorum = static_cast<std::uint32_t>(hospitals.size());
  spec->strategy = std::make_unique<federation::FedAvg>();
  spec->collectors = [hospitals] {
    std::map<std::string, std::uint32_t> weights;
    for (const auto& name : hospitals) weights[name] = 1;
    return std::make_unique<federation::PlainCollector>(weights, 2);
  };
  spec->initial = {0, 0};
  spec->adapter_fingerprint = fingerprint;
  spec->journal =
      std::make_shared<federation::RunJournal>(federation::RunJournal::open(folder, {}).value());
  spec->observer = caf::actor_cast<caf::actor>(observer);
  return spec;
}

Heard hear_of_a_join(const Hash256& start) {
  const test_support::TemporaryFolder folder;
  Heard heard;
  {
    caf::actor_system_config config;
    caf::actor_system system{config};
    caf::scoped_actor observer{system};
    const auto aggregator =
        system.spawn(fedavg_aggregator, spec_of({"a"}, folder.path(), observer));
    const auto hospital = system.spawn(silent_hospital);
    caf::anon_send(aggregator, join_atom::value, hospital,
                   frame_of(federation::Join{"a", start, {}}));
    bool timed_out = false;
    while (!timed_out && !(heard.report && !heard.why_stopped.empty())) {
      observer->receive(
          [&heard](deliver_atom, const Frame& frame) {
            heard.final_adapter |= federation::decode_final_adapter(*frame.bytes).has_value();
            if (const auto report = federation::decode_report(*frame.bytes)) {
              if (report->hospital == "a") heard.report = *report;
              if (report->hospital == "aggregator") heard.why_stopped = report->failure;
            }
          },
          caf::after(std::chrono::seconds{20}) >> [&timed_out] { timed_out = true; });
    }
    caf::anon_send_exit(hospital, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(aggregator, caf::exit_reason::user_shutdown);
  }
  return heard;
}

TEST(FedavgAggregatorTest, AHospitalWithAnotherAdapterIsReportedAndNotAwaited) {
  const Heard heard = hear_of_a_join({});
  ASSERT_TRUE(heard.report.has_value());
  EXPECT_EQ(heard.report->failure, "it starts from another adapter than the aggregator");
  EXPECT_NE(heard.why_stopped.find("0 hospitals can take part"), std::string::npos);
  EXPECT_FALSE(heard.final_adapter);
}

TEST(FedavgAggregatorTest, AHospitalWhoseActorEndsIsReportedAndNotAwaited) {
  const Heard heard = hear_of_a_join(fingerprint);
  ASSERT_TRUE(heard.report.has_value());
  EXPECT_EQ(heard.report->failure, "its actor ended");
  EXPECT_NE(heard.why_stopped.find("0 hospitals can take part"), std::string::npos);
  EXPECT_FALSE(heard.final_adapter);
}

/// Hands on what it is told.
HospitalActor::behavior_type telling_hospital(HospitalActor::pointer, caf::actor listener) {
  return {[listener](deliver_atom, const Frame& frame) {
            caf::anon_send(listener, deliver_atom::value, frame);
          },
          [](join_atom) {}};
}

TEST(FedavgAggregatorTest, HospitalsHearWhyARunStopsEarlyAlsoThoseThatComeLater) {
  const test_support::TemporaryFolder folder;
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor observer{system};
  caf::scoped_actor listener{system};
  const auto aggregator =
      system.spawn(fedavg_aggregator, spec_of({"a", "b"}, folder.path(), observer));
  const auto hospital = system.spawn(telling_hospital, caf::actor_cast<caf::actor>(listener));
  const auto join = [&](const std::string& name, const Hash256& start) {
    caf::anon_send(aggregator, join_atom::value, hospital,
                   frame_of(federation::Join{name, start, {}}));
  };
  const auto reason = [&] {
    std::string text;
    listener->receive(
        [&text](deliver_atom, const Frame& frame) {
          const auto ended = federation::decode_run_ended(*frame.bytes);
          text = ended ? ended->reason : "another message";
        },
        caf::after(std::chrono::seconds{20}) >> [&text] { text = "nothing"; });
    return text;
  };
  join("a", fingerprint);
  join("b", {});  // cannot take part, so that two never can
  EXPECT_EQ(reason(), "1 hospitals can take part; the quorum is 2");
  join("b", fingerprint);
  EXPECT_EQ(reason(), "1 hospitals can take part; the quorum is 2");
  caf::anon_send_exit(hospital, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(aggregator, caf::exit_reason::user_shutdown);
}

}  // namespace
}  // namespace hippocrypt::actors
