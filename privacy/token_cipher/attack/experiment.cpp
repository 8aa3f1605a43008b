#include "privacy/token_cipher/attack/experiment.hpp"

#include <cmath>

#include <fmt/core.h>

#include "privacy/token_cipher/cipher_key.hpp"

namespace hippocrypt::privacy {
namespace {

HiddenMarkovOptions statistics_options(const ExperimentOptions& options,
                                       const ReferenceModel& reference) {
  HiddenMarkovOptions attack;
  attack.iterations = options.iterations;
  for (const CipherToken id : options.plan.fixed) attack.known.push_back({id, id});
  attack.expected_share.resize(reference.types());
  for (std::uint32_t type = 0; type < reference.types(); ++type) {
    const std::uint32_t homophones =
        type == reference.boundary() ? 1 : options.plan.homophones.at(reference.id_of(type));
    attack.expected_share[type] =
        static_cast<double>(reference.unigram()[type]) / static_cast<double>(homophones);
  }
  if (options.on_iteration) {
    attack.on_iteration = [tell = options.on_iteration](double) { tell(); };
  }
  return attack;
}

/// The public rows in the order of cipher ids, each moved by `drift` of its norm in a direction of
/// its own, as training moves them.
Matrix held_rows(const ExperimentOptions& options, std::span<const CipherToken> plain_of,
                 double drift) {
  const std::size_t width = options.embedding.cols();
  Matrix held{plain_of.size(), width};
  SeededSequence sequence{1, "drift of embedding rows"};
  for (std::size_t id = 0; id < plain_of.size(); ++id) {
    const auto row = options.embedding.row(plain_of[id]);
    double square = 0;
    for (const float x : row) square += static_cast<double>(x) * static_cast<double>(x);
    const double scale = drift * std::sqrt(square / static_cast<double>(width));
    for (std::size_t c = 0; c < width; ++c) {
      held(id, c) = row[c] + static_cast<float>(scale * sequence.normal());
    }
  }
  return held;
}

}  // namespace

std::size_t most_iterations(std::size_t iterations) {
  const HiddenMarkovOptions usual;
  return usual.tolerances.size() * usual.trial_iterations + iterations;
}

Result<ExperimentResult> attack_token_cipher(const Documents& plain, const Documents& reference,
                                             RandomSource& random, ExperimentOptions options) {
  if (plain.size() <= options.known_notes) {
    return Error{Errc::out_of_range,
                 fmt::format("{} notes to attack, {} of them known: none is left to measure on",
                             plain.size(), options.known_notes)};
  }
  HIPPOCRYPT_TRY(const auto model, ReferenceModel::create(reference));
  const CipherKey key = CipherKey::generate(options.plan, random);
  HIPPOCRYPT_TRY(const auto cipher, key.cipher());
  Documents ciphered;
  for (const auto& document : plain) {
    HIPPOCRYPT_TRY(auto encoded, cipher.encode(document, random));
    ciphered.push_back(std::move(encoded));
  }
  const std::size_t vocabulary = cipher.cipher_vocabulary();
  const auto measure = [&](const Guesses& guesses, const Documents& on) {
    return recovery_of(guesses, cipher.plain_of(), on, options.plan.fixed);
  };
  ExperimentResult result;
  result.frequencies = measure(frequency_attack(ciphered, vocabulary, model), ciphered);
  const Posterior posterior =
      hidden_markov_attack(ciphered, vocabulary, model, statistics_options(options, model));
  result.statistics = measure(guesses_of(posterior, model), ciphered);
  const auto known = static_cast<std::ptrdiff_t>(options.known_notes);
  result.known_plaintext =
      measure(known_plaintext_attack({plain.begin(), plain.begin() + known},
                                     {ciphered.begin(), ciphered.begin() + known}, vocabulary),
              {ciphered.begin() + known, ciphered.end()});
  if (options.embedding.rows() < cipher.plain_vocabulary()) return result;
  for (const double drift : options.drifts) {
    const Matrix held = held_rows(options, cipher.plain_of(), drift);
    result.embeddings.push_back(
        {drift, measure(embedding_attack(held, options.embedding), ciphered)});
  }
  return result;
}

}  // namespace hippocrypt::privacy
