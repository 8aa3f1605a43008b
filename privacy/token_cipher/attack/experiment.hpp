#pragma once
// One cipher with a fresh key, and every attack on it: what `hippocrypt attack token-cipher` runs.

#include <functional>
#include <vector>

#include "privacy/token_cipher/attack/recovery.hpp"

namespace hippocrypt::privacy {

struct ExperimentOptions {
  CipherPlan plan;
  std::size_t known_notes = 10;              ///< whose plain text the attacker has, too
  std::size_t iterations = 20;               ///< of the hidden Markov attack
  ConstMatrixView embedding{nullptr, 0, 0};  ///< (plain vocabulary, width); empty: no such attack
  std::vector<double> drifts = {0.0, 0.5, 1.0};
  std::function<void()> on_iteration = {};
};

struct EmbeddingRecovery {
  double drift = 0;  ///< norm of what was added to each row, relative to the row
  Recovery recovery;
};

struct ExperimentResult {
  Recovery frequencies;      ///< by rank alone
  Recovery statistics;       ///< hidden Markov
  Recovery known_plaintext;  ///< measured on the notes that are not known
  std::vector<EmbeddingRecovery> embeddings;
};

/// How often on_iteration is called at most, with that many `iterations`.
std::size_t most_iterations(std::size_t iterations);

/// Draws a key from `random`, ciphers `plain` and attacks it with `reference` as the public text.
/// The attacker knows the method and so, by the reference's frequencies, about how many homophones
/// each type has. Errors: out_of_range (a token outside the plan; no notes beyond the known ones),
/// those of ReferenceModel::create.
Result<ExperimentResult> attack_token_cipher(const Documents& plain, const Documents& reference,
                                             RandomSource& random, ExperimentOptions options);

}  // namespace hippocrypt::privacy
