#pragma once
// Substitution of token ids under a key. Obfuscation only: no security level is claimed, the attack
// in attack/ recovers the text, and no epsilon becomes smaller by it (README.md).

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "privacy/token_cipher/key_stream.hpp"

namespace hippocrypt::privacy {

using CipherToken = std::uint32_t;

inline constexpr std::size_t max_cipher_vocabulary = std::size_t{1} << 22;

/// What a key is for. Not the secret, though the numbers of homophones show frequencies.
struct CipherPlan {
  std::vector<CipherToken> fixed;         ///< ids that stand for themselves, ascending
  std::vector<std::uint32_t> homophones;  ///< substitutes of each plain id, at least 1; fixed: 1

  std::size_t plain_vocabulary() const { return homophones.size(); }
  /// The sum of `homophones`.
  std::size_t cipher_vocabulary() const;
  bool is_permutation() const { return cipher_vocabulary() == plain_vocabulary(); }
  /// Errors: out_of_range (names what).
  Status check() const;
};

/// One substitute for each id.
CipherPlan permutation_plan(std::size_t vocabulary, std::vector<CipherToken> fixed);

/// `cipher_vocabulary` substitutes in all, in proportion to `frequencies` (one for each plain id)
/// and at least one each: the divisor method, always one more where frequency / (number + 1/2) is
/// largest. Errors: out_of_range (fewer substitutes than ids, a fixed id outside).
Result<CipherPlan> homophonic_plan(std::span<const std::uint64_t> frequencies,
                                   std::size_t cipher_vocabulary, std::vector<CipherToken> fixed);

/// The tables that a plan and a key mean. Immutable; const is safe from several threads.
class TokenCipher {
 public:
  /// Deals the cipher ids that are not fixed to the plain ids by a Fisher-Yates shuffle from the
  /// key: every assignment is equally likely. `key` (cipher_key_bytes). Errors: those of
  /// CipherPlan::check.
  static Result<TokenCipher> create(const CipherPlan& plan, std::span<const std::uint8_t> key);

  /// One substitute for each token, chosen by `random` where there are several. Errors:
  /// out_of_range (an id outside the plain vocabulary).
  Result<std::vector<CipherToken>> encode(std::span<const CipherToken> plain,
                                          RandomSource& random) const;
  /// The tokens that were encoded, exactly. Errors: out_of_range.
  Result<std::vector<CipherToken>> decode(std::span<const CipherToken> cipher) const;

  std::size_t plain_vocabulary() const { return begin_.size() - 1; }
  std::size_t cipher_vocabulary() const { return plain_of_.size(); }
  /// The plain id of every cipher id: the secret that an attack is after, and the order in which
  /// the rows of an embedding would have to be taken.
  std::span<const CipherToken> plain_of() const { return plain_of_.reveal(); }

 private:
  TokenCipher() = default;
  std::vector<std::size_t> begin_;  ///< substitutes_ of id i: [begin_[i], begin_[i + 1])
  SecretArray<CipherToken> substitutes_;
  SecretArray<CipherToken> plain_of_;
};

}  // namespace hippocrypt::privacy
