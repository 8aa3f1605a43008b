#pragma once
// Breaks a token cipher, permutation or homophonic, from ciphered text and public reference text
// alone: the plain tokens are the hidden states of a Markov chain with the reference's bigrams, and
// which id stands for which token is learned by expectation maximisation (Baum-Welch with fixed
// transitions; the method of Ravi & Knight 2011 for word substitution, with a beam). Begins and
// ends of notes, which no token cipher hides, are where the learning starts.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "privacy/token_cipher/attack/reference_model.hpp"

namespace hippocrypt::privacy {

/// An id whose meaning is known: one that the cipher leaves alone, or known plaintext.
struct KnownToken {
  CipherToken cipher = 0;
  CipherToken plain = 0;
};

struct HiddenMarkovOptions {
  std::size_t iterations = 20;  ///< at most
  std::size_t beam = 256;       ///< states kept at each position
  std::vector<KnownToken> known;
  bool is_one_to_one = true;  ///< a type whose id is known has no other
  /// How often one id that stands for a type is expected, as a share of all tokens (types): where
  /// the learning starts. Empty: nothing is assumed.
  std::vector<double> expected_share;
  /// How far from that a share may be, in e-foldings. Each is tried for `trial_iterations`; the one
  /// of the largest likelihood, which an attacker sees too, goes on.
  std::vector<double> tolerances = {1.0, 0.5, 0.3};
  std::size_t trial_iterations = 5;
  /// The end: less gained in one iteration, in nats a token.
  double least_gain = 5e-4;
  std::function<void(double log_likelihood_per_token)> on_iteration = {};
};

/// Expected numbers of times that cipher id c stood for type p.
struct Posterior {
  std::size_t types = 0;
  std::vector<float> counts;  ///< (cipher vocabulary, types)
  std::span<const float> of(CipherToken id) const { return {counts.data() + id * types, types}; }
};

/// `cipher_vocabulary`: every id of `ciphered` is below it.
Posterior hidden_markov_attack(const Documents& ciphered, std::size_t cipher_vocabulary,
                               const ReferenceModel& reference, const HiddenMarkovOptions& options);

}  // namespace hippocrypt::privacy
