#include "privacy/token_cipher/attack/recovery.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.hpp"
#include "base/gemm.hpp"

namespace hippocrypt::privacy {
namespace {

std::vector<std::size_t> counts_of(const Documents& ciphered, std::size_t vocabulary) {
  std::vector<std::size_t> counts(vocabulary);
  for (const auto& document : ciphered) {
    for (const CipherToken id : document) {
      HIPPOCRYPT_CHECK(id < vocabulary);
      ++counts[id];
    }
  }
  return counts;
}

/// Indices by falling value.
template <class T>
std::vector<std::size_t> ranking(std::span<const T> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  return order;
}

MatrixT<float> with_unit_rows(ConstMatrixViewT<float> matrix) {
  MatrixT<float> unit{matrix.rows(), matrix.cols()};
  for (std::size_t r = 0; r < matrix.rows(); ++r) {
    double square = 0;
    for (const float x : matrix.row(r)) square += static_cast<double>(x) * static_cast<double>(x);
    const auto scale = static_cast<float>(square > 0 ? 1.0 / std::sqrt(square) : 0.0);
    for (std::size_t c = 0; c < matrix.cols(); ++c) unit(r, c) = matrix(r, c) * scale;
  }
  return unit;
}

}  // namespace

Recovery recovery_of(const Guesses& guesses, std::span<const CipherToken> plain_of,
                     const Documents& ciphered, std::span<const CipherToken> fixed) {
  HIPPOCRYPT_CHECK(guesses.size() == plain_of.size());
  const auto counts = counts_of(ciphered, plain_of.size());
  Recovery recovery;
  std::size_t right_tokens = 0, right_types = 0;
  for (std::size_t id = 0; id < counts.size(); ++id) {
    const bool is_fixed = std::find(fixed.begin(), fixed.end(), id) != fixed.end();
    if (counts[id] == 0 || is_fixed) continue;
    recovery.tokens += counts[id];
    ++recovery.types;
    if (guesses[id] != plain_of[id]) continue;
    right_tokens += counts[id];
    ++right_types;
  }
  if (recovery.types == 0) return recovery;
  recovery.by_token = static_cast<double>(right_tokens) / static_cast<double>(recovery.tokens);
  recovery.by_type = static_cast<double>(right_types) / static_cast<double>(recovery.types);
  return recovery;
}

Guesses guesses_of(const Posterior& posterior, const ReferenceModel& reference) {
  Guesses guesses(posterior.counts.size() / posterior.types);
  for (std::size_t id = 0; id < guesses.size(); ++id) {
    const auto row = posterior.of(static_cast<CipherToken>(id));
    const auto best = std::max_element(row.begin(), row.end());
    const auto type = static_cast<std::uint32_t>(best - row.begin());
    if (*best > 0 && type != reference.boundary()) guesses[id] = reference.id_of(type);
  }
  return guesses;
}

Guesses frequency_attack(const Documents& ciphered, std::size_t cipher_vocabulary,
                         const ReferenceModel& reference) {
  const auto counts = counts_of(ciphered, cipher_vocabulary);
  const auto ids = ranking<std::size_t>(counts);
  const auto types = ranking<float>(reference.unigram().first(reference.boundary()));
  Guesses guesses(cipher_vocabulary);
  for (std::size_t rank = 0; rank < std::min(ids.size(), types.size()); ++rank) {
    guesses[ids[rank]] = reference.id_of(static_cast<std::uint32_t>(types[rank]));
  }
  return guesses;
}

Guesses known_plaintext_attack(const Documents& plain, const Documents& ciphered,
                               std::size_t cipher_vocabulary) {
  HIPPOCRYPT_CHECK(plain.size() == ciphered.size());
  Guesses guesses(cipher_vocabulary);
  for (std::size_t d = 0; d < plain.size(); ++d) {
    HIPPOCRYPT_CHECK(plain[d].size() == ciphered[d].size());
    for (std::size_t t = 0; t < plain[d].size(); ++t) guesses.at(ciphered[d][t]) = plain[d][t];
  }
  return guesses;
}

Guesses embedding_attack(ConstMatrixViewT<float> held, ConstMatrixViewT<float> known) {
  HIPPOCRYPT_CHECK(held.cols() == known.cols());
  const MatrixT<float> held_rows = with_unit_rows(held);
  const MatrixT<float> known_rows = with_unit_rows(known);
  Guesses guesses(held.rows());
  constexpr std::size_t rows_at_once = 256;
  MatrixT<float> cosines{std::min(rows_at_once, held.rows()), known.rows()};
  for (std::size_t begin = 0; begin < held.rows(); begin += rows_at_once) {
    const std::size_t count = std::min(rows_at_once, held.rows() - begin);
    gemm<float>(Transpose::no, held_rows.view().row_block(begin, count), Transpose::yes,
                known_rows.view(), cosines.view().row_block(0, count));
    for (std::size_t r = 0; r < count; ++r) {
      const auto row = cosines.view().row(r);
      guesses[begin + r] =
          static_cast<CipherToken>(std::max_element(row.begin(), row.end()) - row.begin());
    }
  }
  return guesses;
}

}  // namespace hippocrypt::privacy
