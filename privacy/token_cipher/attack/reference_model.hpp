#pragma once
// What an attacker knows of the language: a bigram model of public text under the public tokenizer.
// Ids are packed into "types", those that occur, so that tables stay small.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "privacy/token_cipher/attack/documents.hpp"

namespace hippocrypt::privacy {

/// The largest number of types for which the attacks' tables fit (float, square).
inline constexpr std::size_t max_attack_types = 16384;

/// Witten-Bell smoothed: P(b | a) = (1 - w_a) count(a, b) / count(a) + w_a P(b), with w_a = kinds
/// of successors of a / (those + count(a)) and P(b) = (count(b) + 1/2) / (all + types / 2). The
/// type `boundary()`, the last, stands before and after every document.
class ReferenceModel {
 public:
  struct Successor {
    std::uint32_t type;
    float probability;  ///< (1 - w_a) count(a, b) / count(a)
  };

  /// Errors: out_of_range (no tokens), limit_exceeded (max_attack_types).
  static Result<ReferenceModel> create(const Documents& reference);

  std::size_t types() const { return id_of_.size() + 1; }  ///< the boundary included
  std::uint32_t boundary() const { return static_cast<std::uint32_t>(id_of_.size()); }
  /// The token id of a type that is not the boundary.
  CipherToken id_of(std::uint32_t type) const { return id_of_[type]; }
  /// The type of an id, or the boundary when the id does not occur.
  std::uint32_t type_of(CipherToken id) const;

  std::span<const Successor> successors(std::uint32_t type) const {
    return {successors_.data() + begin_[type], begin_[type + 1] - begin_[type]};
  }
  float backoff(std::uint32_t type) const { return backoff_[type]; }  ///< w_a
  std::span<const float> unigram() const { return unigram_; }         ///< P(b), (types)
  /// log P(b | a) for all pairs, row a: (types * types).
  std::vector<float> log_table() const;

 private:
  ReferenceModel() = default;
  std::vector<CipherToken> id_of_;  ///< ascending
  std::vector<std::size_t> begin_;
  std::vector<Successor> successors_;
  std::vector<float> backoff_, unigram_;
};

}  // namespace hippocrypt::privacy
