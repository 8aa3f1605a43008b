// The attack breaks both variants on synthetic notes, and does not when there is nothing
// to learn from: a figure that is high for any input would show nothing.

#include <gtest/gtest.h>

#include "model/tokenizer/tokenizer_json.hpp"
#include "notes/synth/synthesize.hpp"
#include "privacy/token_cipher/attack/experiment.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::privacy {
namespace {

/// Notes by the shipped tokenizer; id 0 stands before and 1 after each note.
class Tokens {
 public:
  Documents of(std::uint64_t seed, std::size_t patients) const {
    notes::SynthOptions options;
    options.seed = seed;
    options.patients = patients;
    options.specialities = {"urology"};
    const auto notes = notes::synthesize(options).value();
    Documents documents;
    for (const auto& note : notes) {
      std::vector<CipherToken> ids = tokenizer_.encode(note.text).value();
      ids.insert(ids.begin(), 0);
      ids.push_back(1);
      documents.push_back(std::move(ids));
    }
    return documents;
  }
  std::size_t vocabulary() const { return tokenizer_.vocab_size(); }

 private:
  model::Tokenizer tokenizer_ =
      model::read_tokenizer_json(std::string{HIPPOCRYPT_SOURCE_DIR} + "/data/model/tokenizer.json")
          .value();
};

class AttackTest : public testing::Test {
 protected:
  AttackTest() : reference_{tokens_.of(1, 800)}, secret_{tokens_.of(2, 350)} {}

  CipherPlan homophonic() const {
    std::vector<std::uint64_t> frequencies(tokens_.vocabulary());
    for (const auto& document : reference_) {
      for (const CipherToken id : document) ++frequencies[id];
    }
    return homophonic_plan(frequencies, tokens_.vocabulary() * 3 / 2, {0, 1}).value();
  }
  CipherPlan permutation() const { return permutation_plan(tokens_.vocabulary(), {0, 1}); }

  static ExperimentResult attack(const CipherPlan& plan, const Documents& secret,
                                 const Documents& reference, ConstMatrixView embedding) {
    test_support::SeededRandom random{3};
    ExperimentOptions options;
    options.plan = plan;
    options.embedding = embedding;
    return attack_token_cipher(secret, reference, random, std::move(options)).value();
  }
  ExperimentResult attack(const CipherPlan& plan) const {
    return attack(plan, secret_, reference_, {nullptr, 0, 0});
  }

  Tokens tokens_;
  Documents reference_, secret_;
};

TEST_F(AttackTest, PermutationFallsToPublicTextAlone) {
  const ExperimentResult result = attack(permutation());
  EXPECT_GT(result.statistics.by_token, 0.85);
  EXPECT_GT(result.statistics.by_type, 0.7);
  EXPECT_LT(result.frequencies.by_token, 0.5);  // so that it is the context that does it
  EXPECT_GT(result.known_plaintext.by_token, 0.3);
  EXPECT_GT(result.statistics.tokens, 5000U);
}

TEST_F(AttackTest, HomophonesFallToo) {
  const ExperimentResult result = attack(homophonic());
  EXPECT_GT(result.statistics.by_token, 0.7);
  EXPECT_LT(result.frequencies.by_token, 0.1);  // they do hide frequencies
}

TEST_F(AttackTest, NothingIsRecoveredWithoutLanguage) {
  // Tokens drawn independently and equally often have no context and no frequencies.
  const auto noise = [](const char* purpose) {
    SeededSequence sequence{4, purpose};
    Documents documents(100, std::vector<CipherToken>(40));
    for (auto& document : documents) {
      for (auto& id : document) id = static_cast<CipherToken>(2 + sequence.below(200));
    }
    return documents;
  };
  const ExperimentResult result =
      attack(permutation(), noise("secret"), noise("reference"), {nullptr, 0, 0});
  EXPECT_LT(result.statistics.by_token, 0.2);
}

TEST_F(AttackTest, EmbeddingRowsGiveTheKeyAway) {
  Matrix embedding{tokens_.vocabulary(), 32};
  SeededSequence sequence{5, "rows"};
  for (float& x : embedding.values()) x = static_cast<float>(sequence.normal());
  for (const CipherPlan& plan : {permutation(), homophonic()}) {
    const ExperimentResult result =
        attack(plan, {secret_.begin(), secret_.begin() + 40}, reference_, embedding);
    ASSERT_EQ(result.embeddings.size(), 3U);
    EXPECT_EQ(result.embeddings[0].recovery.by_token, 1.0);  // rows as they are
    EXPECT_GT(result.embeddings[1].recovery.by_token, 0.99);
  }
}

TEST_F(AttackTest, AWrongGuessDoesNotCount) {
  const std::vector<CipherToken> plain_of{0, 1, 3, 2, 4};
  const Documents ciphered{{0, 2, 2, 2, 3, 1}};
  Guesses guesses{0, 1, 3, 3, 4};  // id 3 wrong, id 4 right but not in the text
  Recovery recovery = recovery_of(guesses, plain_of, ciphered, std::vector<CipherToken>{0, 1});
  EXPECT_EQ(recovery.tokens, 4U);
  EXPECT_EQ(recovery.types, 2U);
  EXPECT_EQ(recovery.by_token, 0.75);
  EXPECT_EQ(recovery.by_type, 0.5);
  guesses[2].reset();
  EXPECT_EQ(recovery_of(guesses, plain_of, ciphered, std::vector<CipherToken>{0, 1}).by_token, 0.0);
}

TEST_F(AttackTest, RefusesWhatCannotBeMeasured) {
  test_support::SeededRandom random{3};
  ExperimentOptions options;
  options.plan = permutation();
  options.known_notes = secret_.size();
  EXPECT_EQ(attack_token_cipher(secret_, reference_, random, options).error().code,
            Errc::out_of_range);
  options.known_notes = 1;
  EXPECT_EQ(attack_token_cipher(secret_, {}, random, options).error().code, Errc::out_of_range);
  options.plan = permutation_plan(4, {});
  EXPECT_EQ(attack_token_cipher({{0, 1}, {4}}, {{0, 1}}, random, options).error().code,
            Errc::out_of_range);
}

}  // namespace
}  // namespace hippocrypt::privacy
