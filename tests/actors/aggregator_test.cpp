#include "actors/fedavg_aggregator.hpp"

#include <gtest/gtest.h>

#include <caf/all.hpp>
#include <optional>

#include "federation/aggregator/plain_collector.hpp"
#include "federation/aggregator/strategies/fed_avg.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::actors {
namespace {

/// A hospital that answers nothing and ends when it is told anything.
HospitalActor::behavior_type silent_hospital(HospitalActor::pointer self) {
  return {[self](deliver_atom, const Frame&) { self->quit(); }, [](join_atom) {}};
}

/// What the observer hears when a hospital joins with `fingerprint`: its Report, and whether the
/// run then ended with a FinalAdapter.
struct Heard {
  std::optional<federation::Report> report;
  bool final_adapter = false;
};

Heard hear_of_a_join(const Hash256& fingerprint) {
  const test_support::TemporaryFolder folder;
  Heard heard;
  {
    caf::actor_system_config config;
    caf::actor_system system{config};
    caf::scoped_actor observer{system};
    auto spec = std::make_shared<AggregatorSpec>();
    spec->coordinator.hospitals = {"a"};
    spec->coordinator.rounds = 3;
    spec->coordinator.rules.quorum = 1;
    spec->strategy = std::make_unique<federation::FedAvg>();
    spec->collectors = [] {
      return std::make_unique<federation::PlainCollector>(
          std::map<std::string, std::uint32_t>{{"a", 1}}, 2);
    };
    spec->initial = {0, 0};
    spec->adapter_fingerprint[0] = 1;
    spec->journal = std::make_shared<federation::RunJournal>(
        federation::RunJournal::open(folder.path(), {}).value());
    spec->observer = caf::actor_cast<caf::actor>(observer);
    const auto aggregator = system.spawn(fedavg_aggregator, std::move(spec));
    const auto hospital = system.spawn(silent_hospital);
    caf::anon_send(aggregator, join_atom::value, hospital,
                   frame_of(federation::Join{"a", fingerprint, {}}));
    bool timed_out = false;
    while (!timed_out && !(heard.report && heard.final_adapter)) {
      observer->receive(
          [&heard](deliver_atom, const Frame& frame) {
            const auto report = federation::decode_report(*frame.bytes);
            if (report && report->hospital == "a") heard.report = *report;
            heard.final_adapter |= federation::decode_final_adapter(*frame.bytes).has_value();
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
  EXPECT_TRUE(heard.final_adapter);
}

TEST(FedavgAggregatorTest, AHospitalWhoseActorEndsIsReportedAndNotAwaited) {
  Hash256 fingerprint{};
  fingerprint[0] = 1;
  const Heard heard = hear_of_a_join(fingerprint);
  ASSERT_TRUE(heard.report.has_value());
  EXPECT_EQ(heard.report->failure, "its actor ended");
  EXPECT_TRUE(heard.final_adapter);
}

}  // namespace
}  // namespace hippocrypt::actors
