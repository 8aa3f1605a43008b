#pragma once
// How much an attack recovered, and the attacks that need no statistics of language: frequencies
// alone, known plaintext, and aligned embeddings.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/matrix.hpp"
#include "privacy/token_cipher/attack/hidden_markov_attack.hpp"

namespace hippocrypt::privacy {

/// The plain id that an attacker takes each cipher id for; nothing where there is no guess.
using Guesses = std::vector<std::optional<CipherToken>>;

/// Shares of what occurs in the ciphered text; ids that are fixed do not count.
struct Recovery {
  double by_token = 0;  ///< of the tokens
  double by_type = 0;   ///< of the cipher ids
  std::size_t tokens = 0, types = 0;
};

/// `plain_of` (cipher vocabulary) is the truth.
Recovery recovery_of(const Guesses& guesses, std::span<const CipherToken> plain_of,
                     const Documents& ciphered, std::span<const CipherToken> fixed);

/// The most likely type of each id; nothing for ids that the text does not hold.
Guesses guesses_of(const Posterior& posterior, const ReferenceModel& reference);

/// The k-th most frequent id for the k-th most frequent type: the oldest attack.
Guesses frequency_attack(const Documents& ciphered, std::size_t cipher_vocabulary,
                         const ReferenceModel& reference);

/// Both texts of some notes, token by token.
Guesses known_plaintext_attack(const Documents& plain, const Documents& ciphered,
                               std::size_t cipher_vocabulary);

/// `held` (cipher vocabulary, width): embedding rows in the order of cipher ids, as whoever serves
/// a model for ciphered ids holds them. `known` (plain vocabulary, width): the public model's. Each
/// id is taken for the known row of the largest cosine.
Guesses embedding_attack(ConstMatrixViewT<float> held, ConstMatrixViewT<float> known);

}  // namespace hippocrypt::privacy
