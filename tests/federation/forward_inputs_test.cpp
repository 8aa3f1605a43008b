// Training on noisy embeddings: what goes into the model, what is charged, what the loss says.

#include "federation/client/forward_inputs.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <set>

#include "privacy/dp_forward/forward_account.hpp"
#include "tests/support/tiny_site.hpp"

namespace hippocrypt::federation {
namespace {

using test_support::TinyFederation;
using test_support::TinySite;

std::string unique_name() {
  return std::string{"forward_"} + ::testing::UnitTest::GetInstance()->current_test_info()->name();
}

class ForwardInputsTest : public ::testing::Test {
 protected:
  ForwardInputsTest() {
    tiny_.config.privacy.noise_multiplier = 1;
    tiny_.config.privacy.budget = 1e6;
    write_seed('a');
  }
  /// A seed that is always the same, so that what is measured here is, too.
  void write_seed(char value) {
    const auto path = tiny_.folder() / "seed";
    std::ofstream{path, std::ios::binary} << std::string(32, value);
    std::filesystem::permissions(path, std::filesystem::perms::owner_read);
  }
  void use_forward(double noise_multiplier, double clip) {
    DpForwardConfig forward;
    forward.noise_multiplier = noise_multiplier;
    forward.clip = clip;
    tiny_.config.dp_forward = forward;
  }
  /// Held-out loss of a fresh site.
  double loss(const std::string& ledger) {
    TinySite tiny{tiny_, ledger, LotSource::seeded_by_step, 1, tiny_.folder() / "seed"};
    return tiny.site->trainer().evaluate(tiny.site->start_values(), tiny.site->heldout()).value();
  }
  TinyFederation tiny_{unique_name()};
  const std::atomic<bool> never_{false};
};

TEST_F(ForwardInputsTest, ChargesAReleaseOfEachSequenceApartFromDpSgd) {
  TinySite clean{tiny_, "clean.sqlite"};
  auto values = clean.site->start_values();
  ASSERT_TRUE(clean.site->trainer().take_steps({1, 0, 2}, values, never_, [](const auto&) {}));
  use_forward(0.6, 1);
  TinySite tiny{tiny_, "forward.sqlite"};
  const auto rows = tiny.site->ledger().rows();
  ASSERT_EQ(rows.size(), 1U) << "before any step";
  EXPECT_EQ(rows[0].entry.mechanism, privacy::Mechanism::matrix_gaussian);
  EXPECT_EQ(rows[0].entry.unit, privacy::PrivacyUnit::sequence);
  EXPECT_EQ(rows[0].entry.relation, privacy::NeighbouringRelation::any_pair);
  EXPECT_EQ(rows[0].entry.steps, 1U);
  EXPECT_EQ(rows[0].entry.dataset, tiny.site->data_fingerprint());
  values = tiny.site->start_values();
  ASSERT_TRUE(tiny.site->trainer().take_steps({1, 0, 2}, values, never_, [](const auto&) {}));
  // DP-SGD's account is what it is without DP-Forward, and DP-Forward's has one release.
  EXPECT_EQ(tiny.site->engine().status(1).spent.epsilon,
            clean.site->engine().status(1).spent.epsilon);
  const auto account =
      privacy::forward_account(tiny.site->ledger().rows(), tiny.site->data_fingerprint());
  EXPECT_EQ(account.releases(), 1U);
}

TEST_F(ForwardInputsTest, TheLossApproachesThatOfTheClippedEmbeddings) {
  const double clean = loss("clean.sqlite");
  use_forward(1e-6, 1e3);  // next to no noise, nothing is clipped
  const double wide = loss("wide.sqlite");
  EXPECT_NEAR(wide, clean, 2e-2);
  use_forward(1e-6, 0.05);  // no noise, but clipped hard
  const double clipped = loss("clipped.sqlite");
  EXPECT_GT(std::abs(clipped - clean), 1e-3);
  const auto off = [&](double noise, const char* ledger) {
    use_forward(noise, 0.05);
    return std::abs(loss(ledger) - clipped);
  };
  const double far = off(1e-2, "far.sqlite");
  const double near = off(1e-4, "near.sqlite");
  EXPECT_GT(far, 2e-3);
  EXPECT_LT(near, far / 5);
}

TEST_F(ForwardInputsTest, TheSameSeedMakesTheSameInputsAndIsChargedOnce) {
  use_forward(0.1, 5);
  const double first = loss("a.sqlite");
  EXPECT_EQ(loss("a.sqlite"), first);
  const auto ledger =
      privacy::Ledger::open(tiny_.folder() / "a.sqlite", privacy::LedgerMode::must_exist).value();
  EXPECT_EQ(ledger.rows().size(), 1U);
  std::filesystem::remove(tiny_.folder() / "seed");
  EXPECT_NE(loss("a.sqlite"), first);
  const auto after =
      privacy::Ledger::open(tiny_.folder() / "a.sqlite", privacy::LedgerMode::must_exist).value();
  EXPECT_EQ(after.rows().size(), 2U) << "new noise on the same sequences";
}

TEST_F(ForwardInputsTest, NothingIsMadeWithoutBudget) {
  use_forward(0.6, 1);  // epsilon 8.0
  tiny_.config.dp_forward->budget = 7;
  auto bundle = model::open_model(tiny_.config.model.path.string()).value();
  model::PlainFp32Oracle oracle{bundle.model.base};
  auto plan =
      make_local_plan(tiny_.config, 0, {bundle.tokenizer, bundle.special}, bundle.model.config);
  LocalSiteOptions options;
  options.config = std::make_shared<const FederationConfig>(tiny_.config);
  options.ledger = tiny_.folder() / "none.sqlite";
  options.run = "test";
  const auto site =
      LocalSite::create(options, bundle.model.config,
                        std::make_shared<const model::ClientWeights>(bundle.model.client),
                        std::move(plan).value(), oracle);
  ASSERT_FALSE(site.has_value());
  EXPECT_EQ(site.error().code, Errc::budget_exhausted);
}

TEST_F(ForwardInputsTest, FillsEverySequenceAndNothingElse) {
  use_forward(0.6, 1);
  TinySite tiny{tiny_, "fill.sqlite"};
  const auto& heldout = tiny.site->heldout();
  model::Batch batch;
  batch.tokens = {0};  // a dummy before them
  batch.loss_weight = {0};
  append_sequences(batch, {heldout[0], heldout[1]}, 1);
  tiny.site->forward()->fill(batch, {&heldout[0], &heldout[1]});
  ASSERT_EQ(batch.inputs.rows(), 32U);
  ASSERT_EQ(batch.inputs.cols(), 1 + heldout[0].size() + heldout[1].size());
  const Matrix noisy = tiny.site->forward()->release().matrix(
      heldout[1].identity,
      embedding_columns(tiny.bundle.model.client.embedding, heldout[1].tokens).view());
  EXPECT_EQ(noisy.cols(), tiny_.config.training.max_note_tokens);
  for (std::size_t r = 0; r < 32; ++r) {
    EXPECT_EQ(batch.inputs(r, 0), 0.0F);
    for (std::size_t t = 0; t < heldout[1].size(); ++t) {
      EXPECT_EQ(batch.inputs(r, 1 + heldout[0].size() + t), noisy(r, t));
    }
  }
}

TEST_F(ForwardInputsTest, IdentitiesTellNotesApart) {
  auto bundle = model::open_model(tiny_.config.model.path.string()).value();
  const auto path = tiny_.folder() / "twins.jsonl";
  const notes::Note note{"p1", "n1", "cardiology", "Stable angina."};
  notes::Note second = note;
  second.note_id = "n2";
  notes::Note other = note;
  other.patient_id = "p2";
  notes::Note changed = note;
  changed.note_id = "n3";
  changed.text = "Stable angina!";
  ASSERT_TRUE(notes::write_notes(path, std::vector{note, second, other, changed}));
  const auto load = [&] {
    return load_note_sequences(path, {bundle.tokenizer, bundle.special}, notes::Split::train, 64)
        .value();
  };
  const auto loaded = load();
  ASSERT_EQ(loaded.sequences.size(), 4U);
  EXPECT_EQ(loaded.sequences[0].tokens, loaded.sequences[1].tokens);
  std::set<Hash256> identities;
  for (const auto& sequence : loaded.sequences) identities.insert(sequence.identity);
  EXPECT_EQ(identities.size(), 4U);
  EXPECT_EQ(load().sequences[2].identity, loaded.sequences[2].identity);
}

}  // namespace
}  // namespace hippocrypt::federation
