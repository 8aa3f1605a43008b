#include "actors/simulation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>

#include "base/file.hpp"
#include "federation/adapter/adapter_factory.hpp"
#include "federation/aggregator/strategies/strategy_table.hpp"
#include "model/files/adapter_lora.hpp"
#include "privacy/ledger/ledger.hpp"
#include "tests/support/tiny_federation.hpp"

namespace hippocrypt::actors {
namespace {

using federation::OracleKind;
using test_support::TinyFederation;

struct SimulationRun {
  Result<SimulationResult> result;
  std::map<std::string, double> step_losses;  ///< "hospital round step"
  std::vector<std::string> notes;
  std::vector<federation::metrics::Round> rounds;
};

SimulationRun run(const TinyFederation& tiny, const std::atomic<bool>* stop = nullptr) {
  SimulationRun out{Error{Errc::unavailable, ""}, {}, {}, {}};
  SimulationOptions options;
  options.config = tiny.config;
  options.runs = tiny.folder() / "runs";
  options.stop = stop;
  options.on_progress = [&out](const federation::Progress& event) {
    if (event.kind == federation::ProgressKind::step) {
      out.step_losses[event.source + ' ' + std::to_string(event.round) + ' ' +
                      std::to_string(event.step)] = event.loss;
    } else {
      out.notes.push_back(event.source + ": " + event.text);
    }
  };
  options.on_event = [&out](const federation::metrics::Event& event) {
    if (const auto* round = std::get_if<federation::metrics::Round>(&event)) {
      out.rounds.push_back(*round);
    }
  };
  out.result = simulate(options);
  return out;
}

TEST(SimulationTest, EncryptedRunLeavesAdapterLedgersAndRecord) {
  TinyFederation tiny{"encrypted_run"};
  const SimulationRun done = run(tiny);
  ASSERT_TRUE(done.result) << to_string(done.result.error());
  const auto& record = done.result->record;
  EXPECT_EQ(record.rounds, 2U);
  EXPECT_EQ(record.status, federation::RunStatus::finished);
  EXPECT_EQ(done.step_losses.size(), 3U * 2U * 2U);
  for (const auto& hospital : record.hospitals) {
    EXPECT_EQ(hospital.failure, "");
    EXPECT_EQ(hospital.steps, 4U);
    EXPECT_TRUE(std::isfinite(hospital.loss_before) && std::isfinite(hospital.loss_after));
    EXPECT_GT(hospital.epsilon, 0);
    const auto ledger = privacy::Ledger::open(done.result->run_folder / hospital.ledger,
                                              privacy::LedgerMode::must_exist);
    ASSERT_TRUE(ledger) << to_string(ledger.error());
    EXPECT_EQ(ledger->rows().size(), 4U) << "one a lot";
  }
  const auto model = model::load_model_folder(tiny.config.model.path).value();
  EXPECT_TRUE(model::load_lora_adapter(record.adapter, model.config));
  EXPECT_EQ(federation::load_run_record(done.result->run_folder)->status,
            federation::RunStatus::finished);
}

TEST(SimulationTest, TrafficDependsOnTheConfigurationOnly) {
  TinyFederation tiny{"traffic"};
  const SimulationRun done = run(tiny);
  ASSERT_TRUE(done.result);
  tiny.config.privacy.sampling_rate = 0.01;  // mostly empty lots
  tiny.config.run.seed = 9;
  const SimulationRun sparse = run(tiny);
  ASSERT_TRUE(sparse.result);
  EXPECT_EQ(done.result->record.bytes_up, sparse.result->record.bytes_up);
  EXPECT_EQ(done.result->record.bytes_down, sparse.result->record.bytes_down);
}

TEST(SimulationTest, WithoutNoiseEncryptedFollowsPlainInt8) {
  TinyFederation tiny{"follows"};
  tiny.config.privacy.noise_multiplier = 0;
  tiny.config.encryption.oracle = OracleKind::plain_int8;
  const SimulationRun plain = run(tiny);
  tiny.config.encryption.oracle = OracleKind::encrypted;
  const SimulationRun encrypted = run(tiny);
  ASSERT_TRUE(plain.result && encrypted.result);
  for (const auto& [key, loss] : plain.step_losses) {
    if (std::isnan(loss)) continue;  // an empty lot
    EXPECT_NEAR(encrypted.step_losses.at(key) / loss, 1, 0.005) << key;
  }
}

TEST(SimulationTest, SameSeedWithoutNoiseGivesTheSameLosses) {
  TinyFederation tiny{"same_seed"};
  tiny.config.privacy.noise_multiplier = 0;
  tiny.config.encryption.oracle = OracleKind::plain_fp32;
  const SimulationRun first = run(tiny);
  const SimulationRun second = run(tiny);
  ASSERT_TRUE(first.result && second.result);
  EXPECT_NE(first.result->run_folder, second.result->run_folder);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(first.result->record.hospitals[i].loss_after,
              second.result->record.hospitals[i].loss_after);
  }
}

TEST(SimulationTest, ALearningRateOfZeroMovesNothing) {
  TinyFederation tiny{"zero_rate"};
  tiny.config.training.learning_rate = 0;
  tiny.config.encryption.oracle = OracleKind::plain_int8;
  const SimulationRun done = run(tiny);
  ASSERT_TRUE(done.result);
  for (const auto& hospital : done.result->record.hospitals) {
    EXPECT_EQ(hospital.loss_before, hospital.loss_after);
  }
}

TEST(SimulationTest, PlainLoraTrainsBothFactorsWithNotesAsUnits) {
  TinyFederation tiny{"plain_lora"};
  tiny.config.adapter.mode = federation::AdapterMode::lora;
  tiny.config.privacy.unit = federation::PrivacyUnit::note;
  tiny.config.privacy.sampling_rate = 0.1;
  const SimulationRun done = run(tiny);
  ASSERT_TRUE(done.result) << to_string(done.result.error());
  const auto model = model::load_model_folder(tiny.config.model.path).value();
  const auto trained = model::load_lora_adapter(done.result->record.adapter, model.config).value();
  const auto start = federation::make_initial_adapter(tiny.config, model.config).value();
  const auto differs = [](const Matrix& a, const Matrix& b) {
    return !std::equal(a.values().begin(), a.values().end(), b.values().begin());
  };
  for (std::size_t i = 0; i < start.shapes().size(); ++i) {
    EXPECT_TRUE(differs(trained.at(0, i).a, start.at(0, i).a)) << i;
    EXPECT_TRUE(differs(trained.at(0, i).b, start.at(0, i).b)) << i;
  }
}

TEST(SimulationTest, PlainLoraSaysWhatAveragingBothFactorsGotWrong) {
  TinyFederation tiny{"lora_error"};
  tiny.config.adapter.mode = federation::AdapterMode::lora;
  tiny.config.encryption.oracle = OracleKind::plain_int8;
  tiny.config.secagg.enabled = false;
  const SimulationRun done = run(tiny);
  ASSERT_TRUE(done.result) << to_string(done.result.error());
  ASSERT_EQ(done.rounds.size(), 2U);
  for (const auto& round : done.rounds) {
    EXPECT_GT(round.aggregation_error, 0);
    EXPECT_LT(round.aggregation_error, 10);
    EXPECT_GT(round.resident_bytes, 1'000'000U);
  }
}

TEST(SimulationTest, FedSbTrainsCoresAndWritesAnOrdinaryAdapter) {
  TinyFederation tiny{"fed_sb"};
  tiny.config.adapter.mode = federation::AdapterMode::fed_sb;
  tiny.config.encryption.oracle = OracleKind::plain_int8;
  tiny.config.training.learning_rate = 0.05;
  tiny.config.privacy.noise_multiplier = 0.1;
  tiny.config.privacy.sampling_rate = 0.5;
  tiny.config.privacy.expected_lot = 9;
  tiny.config.encryption.train_tiles = 12;
  tiny.config.run.rounds = 6;
  const SimulationRun done = run(tiny);
  ASSERT_TRUE(done.result) << to_string(done.result.error());
  const auto model = model::load_model_folder(tiny.config.model.path).value();
  const auto trained = model::load_lora_adapter(done.result->record.adapter, model.config).value();
  const auto start = federation::make_initial_adapter(tiny.config, model.config).value();
  EXPECT_EQ(trained.config().rank(), tiny.config.adapter.rank);
  for (std::size_t i = 0; i < start.shapes().size(); ++i) {
    EXPECT_TRUE(std::ranges::equal(trained.at(0, i).a.values(), start.at(0, i).a.values()));
    const auto b = trained.at(0, i).b.values();
    EXPECT_TRUE(std::any_of(b.begin(), b.end(), [](float x) { return x != 0.0F; })) << i;
  }
  for (const auto& hospital : done.result->record.hospitals) {
    EXPECT_LT(hospital.loss_after, hospital.loss_before) << hospital.name;
  }
}

TEST(SimulationTest, EveryStrategyHoldsRounds) {
  TinyFederation tiny{"strategies"};
  tiny.config.encryption.oracle = OracleKind::plain_int8;
  tiny.config.training.optimizer = federation::OptimizerKind::sgd;
  tiny.config.aggregation.faulty = 0;  // krum, of three hospitals
  for (const auto& row : federation::strategy_table()) {
    SCOPED_TRACE(to_string(row.kind));
    tiny.config.aggregation.strategy = row.kind;
    tiny.config.secagg.enabled = !row.needs_each_update;  // a sum is enough for the others
    const SimulationRun done = run(tiny);
    ASSERT_TRUE(done.result) << to_string(done.result.error());
    EXPECT_EQ(done.result->record.rounds, 2U);
    for (const auto& hospital : done.result->record.hospitals) {
      EXPECT_TRUE(std::isfinite(hospital.loss_after));
      EXPECT_NE(hospital.loss_after, hospital.loss_before);
      EXPECT_TRUE(hospital.failure.empty()) << hospital.failure;
    }
  }
}

TEST(SimulationTest, FfaLoraLeavesAOrthonormalAndAlone) {
  TinyFederation tiny{"ffa_lora"};
  tiny.config.encryption.oracle = OracleKind::plain_int8;
  const SimulationRun done = run(tiny);
  ASSERT_TRUE(done.result) << to_string(done.result.error());
  const auto model = model::load_model_folder(tiny.config.model.path).value();
  const auto trained = model::load_lora_adapter(done.result->record.adapter, model.config).value();
  const auto start = federation::make_initial_adapter(tiny.config, model.config).value();
  for (std::size_t i = 0; i < start.shapes().size(); ++i) {
    const auto& a = trained.at(1, i).a;
    EXPECT_TRUE(
        std::equal(a.values().begin(), a.values().end(), start.at(1, i).a.values().begin()));
    for (std::size_t r = 0; r < a.rows(); ++r) {
      for (std::size_t s = 0; s <= r; ++s) {
        double dot = 0;
        for (std::size_t c = 0; c < a.cols(); ++c) {
          dot += static_cast<double>(a(r, c)) * static_cast<double>(a(s, c));
        }
        EXPECT_NEAR(dot, r == s ? 1 : 0, 1e-6);
      }
    }
  }
}

TEST(SimulationTest, AHospitalWithoutBudgetSitsOutAndSaysSo) {
  TinyFederation tiny{"sits_out"};
  tiny.config.encryption.oracle = OracleKind::plain_int8;
  tiny.config.hospitals[1].budget = 0.01;
  const SimulationRun done = run(tiny);
  ASSERT_TRUE(done.result);
  EXPECT_EQ(done.result->record.hospitals[1].rounds_sat_out, 2U);
  EXPECT_EQ(done.result->record.hospitals[1].steps, 0U);
  EXPECT_EQ(done.result->record.hospitals[0].rounds_sat_out, 0U);
  const bool said = std::any_of(done.notes.begin(), done.notes.end(), [](const auto& note) {
    return note.find("oncology: sits out") != std::string::npos;
  });
  EXPECT_TRUE(said);
}

TEST(SimulationTest, ALedgerOfTheDataSetContinuesInTheNextRun) {
  TinyFederation tiny{"dataset_ledger"};
  tiny.config.encryption.oracle = OracleKind::plain_int8;
  tiny.config.privacy.ledger = federation::LedgerPlace::dataset;
  tiny.config.privacy.ledger_home = tiny.folder() / "home";
  const SimulationRun first = run(tiny);
  const SimulationRun second = run(tiny);
  ASSERT_TRUE(first.result && second.result);
  EXPECT_GT(second.result->record.hospitals[0].epsilon, first.result->record.hospitals[0].epsilon);
}

TEST(SimulationTest, ABrokenHospitalIsNamedAndTheRestGoesOn) {
  TinyFederation tiny{"broken"};
  tiny.config.encryption.oracle = OracleKind::plain_int8;
  ASSERT_TRUE(write_file_atomically(tiny.config.hospitals[2].notes, {}));  // an empty note file
  const SimulationRun done = run(tiny);
  ASSERT_TRUE(done.result) << to_string(done.result.error());
  EXPECT_NE(done.result->record.hospitals[2].failure, "");
  EXPECT_EQ(done.result->record.hospitals[0].steps, 4U);
}

TEST(SimulationTest, TilesTooFewForTheLotsAreRefused) {
  TinyFederation tiny{"overflow"};
  tiny.config.encryption.oracle = OracleKind::plain_int8;
  tiny.config.encryption.train_tiles = 1;
  tiny.config.privacy.sampling_rate = 0.5;
  const SimulationRun done = run(tiny);
  ASSERT_FALSE(done.result);
  EXPECT_NE(done.result.error().detail.find("encryption.train_tiles"), std::string::npos)
      << done.result.error().detail;
}

TEST(SimulationTest, NobodyLeftIsAnError) {
  TinyFederation tiny{"nobody"};
  tiny.config.encryption.oracle = OracleKind::plain_int8;
  for (const auto& hospital : tiny.config.hospitals) {
    ASSERT_TRUE(write_file_atomically(hospital.notes, {}));
  }
  const SimulationRun done = run(tiny);
  ASSERT_FALSE(done.result);
  EXPECT_EQ(done.result.error().code, Errc::unavailable);
}

TEST(SimulationTest, AnAggregatorThatDiesEndsTheRunAndItGoesOnFromItsFiles) {
  TinyFederation tiny{"aggregator_dies"};
  tiny.config.encryption.oracle = OracleKind::plain_int8;
  SimulationOptions options;
  options.config = tiny.config;
  options.runs = tiny.folder() / "runs";
  options.on_point = [](const std::string& who, std::string_view point, std::uint64_t round) {
    if (who == "aggregator" && point == "global kept" && round == 1) {
      throw std::runtime_error{"planted"};
    }
  };
  const auto died = simulate(options);
  ASSERT_FALSE(died);
  EXPECT_EQ(died.error().code, Errc::unavailable);
  const std::string& why = died.error().detail;
  EXPECT_NE(why.find("because the aggregator's actor ended: "), std::string::npos) << why;
  EXPECT_NE(why.find("simulate --resume "), std::string::npos) << why;
  const auto folder = options.runs / "tiny";
  EXPECT_EQ(federation::load_run_record(folder)->status, federation::RunStatus::failed);
  options.on_point = {};
  options.resume = folder;
  const auto resumed = simulate(options);
  ASSERT_TRUE(resumed) << to_string(resumed.error());
  EXPECT_EQ(resumed->record.rounds, 2U);
}

TEST(SimulationTest, HospitalsLookAtTheirHeldOutNotesWhereTheyAreAskedTo) {
  TinyFederation tiny{"looks"};
  tiny.config.encryption.oracle = OracleKind::plain_fp32;
  tiny.config.privacy.noise_multiplier = 0;
  tiny.config.run.rounds = 5;
  tiny.config.training.learning_rate = 0.05;
  tiny.config.aggregation.strategy = federation::StrategyKind::scaffold;  // two vectors in one
  tiny.config.training.optimizer = federation::OptimizerKind::sgd;
  const SimulationRun without = run(tiny);
  tiny.config.simulation.evaluate_every = 2;
  const SimulationRun looked = run(tiny);
  ASSERT_TRUE(without.result && looked.result);
  const auto& hospitals = looked.result->record.hospitals;
  const double start =
      (hospitals[0].loss_before + hospitals[1].loss_before + hospitals[2].loss_before) / 3;
  ASSERT_EQ(looked.rounds.size(), 5U);
  EXPECT_DOUBLE_EQ(looked.rounds[0].heldout_loss, start);
  EXPECT_TRUE(std::isnan(looked.rounds[1].heldout_loss));
  EXPECT_LT(looked.rounds[2].heldout_loss, start);
  EXPECT_TRUE(std::isnan(looked.rounds[3].heldout_loss));
  EXPECT_TRUE(std::isfinite(looked.rounds[4].heldout_loss));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(hospitals[i].loss_after, without.result->record.hospitals[i].loss_after);
  }
  for (const auto& round : without.rounds) EXPECT_TRUE(std::isnan(round.heldout_loss));
}

TEST(SimulationTest, StoppingKeepsWhatWasCommitted) {
  TinyFederation tiny{"stopped"};
  tiny.config.run.rounds = 1000;
  tiny.config.encryption.oracle = OracleKind::plain_int8;
  tiny.config.privacy.budget = std::numeric_limits<double>::infinity();
  std::atomic<bool> stop{false};
  SimulationOptions options;
  options.config = tiny.config;
  options.runs = tiny.folder() / "runs";
  options.stop = &stop;
  options.on_progress = [&stop](const federation::Progress& event) {
    if (event.kind == federation::ProgressKind::round && event.round == 2) stop = true;
  };
  const auto result = simulate(options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::cancelled);
  const auto record = federation::load_run_record(options.runs / "tiny").value();
  EXPECT_EQ(record.status, federation::RunStatus::interrupted);
  EXPECT_GE(record.rounds, 2U);
}

}  // namespace
}  // namespace hippocrypt::actors
