#include "privacy/ledger/ledger_entry.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "tests/privacy/ledger/ledger_fixture.hpp"

namespace hippocrypt::privacy {
namespace {

using Change = std::function<void(LedgerEntry&)>;

TEST(LedgerEntry, AcceptsTheSample) { EXPECT_TRUE(sample_entry(1).check().has_value()); }

TEST(LedgerEntry, NamesTheFieldThatIsOutOfRange) {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<std::pair<std::string, Change>> changes{
      {"run", [](LedgerEntry& e) { e.run.clear(); }},
      {"run", [](LedgerEntry& e) { e.run.assign(257, 'x'); }},
      {"hospital", [](LedgerEntry& e) { e.hospital.clear(); }},
      {"sampler", [](LedgerEntry& e) { e.sampler.clear(); }},
      {"noise source", [](LedgerEntry& e) { e.noise_source.clear(); }},
      {"software version", [](LedgerEntry& e) { e.software_version.clear(); }},
      {"round", [](LedgerEntry& e) { e.round = UINT64_MAX; }},
      {"steps", [](LedgerEntry& e) { e.steps = 0; }},
      {"steps", [](LedgerEntry& e) { e.steps = max_ledger_steps + 1; }},
      {"sampling rate", [](LedgerEntry& e) { e.sampling_rate = 0.0; }},
      {"sampling rate", [](LedgerEntry& e) { e.sampling_rate = 1.5; }},
      {"sampling rate", [](LedgerEntry& e) { e.sampling_rate = std::nan(""); }},
      {"noise multiplier", [](LedgerEntry& e) { e.noise_multiplier = -0.0; }},
      {"noise multiplier", [=](LedgerEntry& e) { e.noise_multiplier = infinity; }},
      {"noise multiplier", [](LedgerEntry& e) { e.noise_multiplier = 1e308; }},
      {"clip", [](LedgerEntry& e) { e.clip = 0.0; }},
      {"clip", [](LedgerEntry& e) { e.clip = 1e308; }},
      {"clip", [=](LedgerEntry& e) { e.clip = infinity; }},
      {"delta", [](LedgerEntry& e) { e.delta = 0.0; }},
      {"delta", [](LedgerEntry& e) { e.delta = 1.0; }},
      {"overflow probability", [](LedgerEntry& e) { e.overflow_probability = 1.5; }},
      {"overflow probability", [](LedgerEntry& e) { e.overflow_probability = std::nan(""); }}};
  for (const auto& [field, change] : changes) {
    LedgerEntry entry = sample_entry(1);
    change(entry);
    const Status status = entry.check();
    ASSERT_FALSE(status.has_value()) << field;
    EXPECT_EQ(status.error().code, Errc::out_of_range);
    EXPECT_NE(status.error().detail.find(field), std::string::npos) << status.error().detail;
  }
}

TEST(LedgerEntry, NamesGoThereAndBack) {
  EXPECT_EQ(*privacy_unit_from(to_string(PrivacyUnit::patient)), PrivacyUnit::patient);
  EXPECT_EQ(*privacy_unit_from(to_string(PrivacyUnit::note)), PrivacyUnit::note);
  EXPECT_EQ(*neighbouring_relation_from("add_remove"), NeighbouringRelation::add_remove);
  EXPECT_EQ(*mechanism_from("poisson_sampled_gaussian"), Mechanism::poisson_sampled_gaussian);
  EXPECT_EQ(privacy_unit_from("ward").error().code, Errc::unsupported);
  EXPECT_EQ(neighbouring_relation_from("replace").error().code, Errc::unsupported);
  EXPECT_EQ(mechanism_from("laplace").error().code, Errc::unsupported);
  EXPECT_EQ(*privacy_unit_from("sequence"), PrivacyUnit::sequence);
  EXPECT_EQ(*neighbouring_relation_from("any_pair"), NeighbouringRelation::any_pair);
  EXPECT_EQ(*mechanism_from("matrix_gaussian"), Mechanism::matrix_gaussian);
  for (const Clipping value : {Clipping::flat, Clipping::per_layer, Clipping::adaptive}) {
    EXPECT_EQ(*clipping_from(to_string(value)), value);
  }
  for (const NoiseKind value : {NoiseKind::gaussian_doubles, NoiseKind::discrete_gaussian}) {
    EXPECT_EQ(*noise_kind_from(to_string(value)), value);
  }
  EXPECT_EQ(clipping_from("none").error().code, Errc::unsupported);
  EXPECT_EQ(noise_kind_from("laplace").error().code, Errc::unsupported);
}

TEST(LedgerEntry, NeverMixesTheClaimsOfTwoMechanisms) {
  const auto local = [](LedgerEntry& e) {
    e.unit = PrivacyUnit::sequence;
    e.relation = NeighbouringRelation::any_pair;
    e.mechanism = Mechanism::matrix_gaussian;
    e.sampling_rate = 1.0;
  };
  LedgerEntry release = sample_entry(1);
  local(release);
  EXPECT_TRUE(release.check().has_value());
  const std::vector<std::pair<Change, Change>> mixed{
      {local, [](LedgerEntry& e) { e.sampling_rate = 0.5; }},
      {local, [](LedgerEntry& e) { e.unit = PrivacyUnit::patient; }},
      {local, [](LedgerEntry& e) { e.relation = NeighbouringRelation::add_remove; }},
      {local, [](LedgerEntry& e) { e.mechanism = Mechanism::poisson_sampled_gaussian; }}};
  for (const auto& [first, second] : mixed) {
    LedgerEntry entry = sample_entry(1);
    first(entry);
    second(entry);
    EXPECT_EQ(entry.check().error().code, Errc::out_of_range);
  }
}

TEST(RowHash, DependsOnEveryField) {
  const std::vector<Change> changes{[](LedgerEntry& e) { e.run = "run-2"; },
                                    [](LedgerEntry& e) { e.hospital = "other"; },
                                    [](LedgerEntry& e) { e.round += 1; },
                                    [](LedgerEntry& e) { e.dataset[31] ^= 1; },
                                    [](LedgerEntry& e) { e.unit = PrivacyUnit::note; },
                                    [](LedgerEntry& e) { e.sampler = "x"; },
                                    [](LedgerEntry& e) { e.sampling_rate = 0.03; },
                                    [](LedgerEntry& e) { e.noise_multiplier = 1.2; },
                                    [](LedgerEntry& e) { e.clip = 0.6; },
                                    [](LedgerEntry& e) { e.steps += 1; },
                                    [](LedgerEntry& e) { e.delta = 2e-5; },
                                    [](LedgerEntry& e) { e.overflow_probability = 0.0; },
                                    [](LedgerEntry& e) { e.noise_source = "x"; },
                                    [](LedgerEntry& e) { e.unix_time_s -= 1; },
                                    [](LedgerEntry& e) { e.software_version = "0.1.1"; },
                                    [](LedgerEntry& e) { e.clipping = Clipping::adaptive; },
                                    [](LedgerEntry& e) { e.noise = NoiseKind::discrete_gaussian; },
                                    [](LedgerEntry& e) { std::swap(e.run, e.hospital); }};
  LedgerRow row;
  row.id = 1;
  row.entry = sample_entry(1);
  std::set<Hash256> hashes{row_hash(row)};
  for (const Change& change : changes) {
    LedgerRow other = row;
    change(other.entry);
    hashes.insert(row_hash(other));
  }
  LedgerRow later = row;
  later.id = 2;
  hashes.insert(row_hash(later));
  LedgerRow elsewhere = row;
  elsewhere.previous[0] = 1;
  hashes.insert(row_hash(elsewhere));
  EXPECT_EQ(hashes.size(), changes.size() + 3);
}

}  // namespace
}  // namespace hippocrypt::privacy
