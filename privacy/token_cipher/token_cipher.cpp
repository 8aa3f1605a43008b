#include "privacy/token_cipher/token_cipher.hpp"

#include <algorithm>
#include <numeric>
#include <queue>

#include <fmt/core.h>

namespace hippocrypt::privacy {
namespace {

Error outside(CipherToken token, std::size_t vocabulary) {
  return {Errc::out_of_range,
          fmt::format("token {} is outside the cipher's vocabulary of {}: the text belongs to "
                      "another tokenizer or key",
                      token, vocabulary)};
}

std::vector<CipherToken> sorted(std::vector<CipherToken> ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace

std::size_t CipherPlan::cipher_vocabulary() const {
  return std::accumulate(homophones.begin(), homophones.end(), std::size_t{0});
}

Status CipherPlan::check() const {
  const auto refuse = [](std::string why) { return Error{Errc::out_of_range, std::move(why)}; };
  if (homophones.empty()) return refuse("a token cipher needs a vocabulary of at least one id");
  std::size_t total = 0;
  for (const std::uint32_t count : homophones) {
    if (count == 0) return refuse("every token id needs at least one substitute");
    total += count;
    if (total > max_cipher_vocabulary) {
      return refuse(
          fmt::format("a token cipher has at most {} substitutes", max_cipher_vocabulary));
    }
  }
  for (std::size_t i = 0; i < fixed.size(); ++i) {
    if (fixed[i] >= homophones.size()) {
      return refuse(fmt::format("the fixed id {} is outside the vocabulary of {}", fixed[i],
                                homophones.size()));
    }
    if (homophones[fixed[i]] != 1) return refuse("a fixed id has exactly one substitute: itself");
    if (i > 0 && fixed[i] <= fixed[i - 1]) return refuse("the fixed ids must be ascending");
  }
  return {};
}

CipherPlan permutation_plan(std::size_t vocabulary, std::vector<CipherToken> fixed) {
  return {sorted(std::move(fixed)), std::vector<std::uint32_t>(vocabulary, 1)};
}

Result<CipherPlan> homophonic_plan(std::span<const std::uint64_t> frequencies,
                                   std::size_t cipher_vocabulary, std::vector<CipherToken> fixed) {
  CipherPlan plan = permutation_plan(frequencies.size(), std::move(fixed));
  HIPPOCRYPT_TRY_VOID(plan.check());
  if (cipher_vocabulary < frequencies.size() || cipher_vocabulary > max_cipher_vocabulary) {
    return Error{Errc::out_of_range,
                 fmt::format("{} substitutes for {} ids: there must be at least one each and at "
                             "most {} in all",
                             cipher_vocabulary, frequencies.size(), max_cipher_vocabulary)};
  }
  using Claim = std::pair<double, CipherToken>;  // who would get the next one
  std::priority_queue<Claim> claims;
  const auto claim = [&](CipherToken id) {
    claims.emplace(static_cast<double>(frequencies[id]) / (plan.homophones[id] + 0.5), id);
  };
  for (std::size_t id = 0; id < frequencies.size(); ++id) {
    const auto token = static_cast<CipherToken>(id);
    if (!std::binary_search(plan.fixed.begin(), plan.fixed.end(), token)) claim(token);
  }
  if (claims.empty()) return plan;
  for (std::size_t left = cipher_vocabulary - frequencies.size(); left > 0; --left) {
    const CipherToken winner = claims.top().second;
    claims.pop();
    ++plan.homophones[winner];
    claim(winner);
  }
  return plan;
}

Result<TokenCipher> TokenCipher::create(const CipherPlan& plan, std::span<const std::uint8_t> key) {
  HIPPOCRYPT_TRY_VOID(plan.check());
  const std::size_t total = plan.cipher_vocabulary();
  std::vector<bool> is_fixed(total);
  for (const CipherToken id : plan.fixed) is_fixed[id] = true;
  SecretArray<CipherToken> deck(total - plan.fixed.size());
  std::size_t dealt = 0;
  for (std::size_t id = 0; id < total; ++id) {
    if (!is_fixed[id]) deck.reveal()[dealt++] = static_cast<CipherToken>(id);
  }
  KeyStream stream{key, "token cipher"};
  const std::span<CipherToken> cards = deck.reveal();
  for (std::size_t i = cards.size(); i > 1; --i) std::swap(cards[i - 1], cards[stream.below(i)]);

  TokenCipher cipher;
  cipher.substitutes_ = SecretArray<CipherToken>{total};
  cipher.plain_of_ = SecretArray<CipherToken>{total};
  std::size_t next_card = 0;
  std::size_t slot = 0;
  for (std::size_t id = 0; id < plan.homophones.size(); ++id) {
    cipher.begin_.push_back(slot);
    for (std::uint32_t n = 0; n < plan.homophones[id]; ++n) {
      const CipherToken substitute =
          is_fixed[id] ? static_cast<CipherToken>(id) : cards[next_card++];
      cipher.substitutes_.reveal()[slot++] = substitute;
      cipher.plain_of_.reveal()[substitute] = static_cast<CipherToken>(id);
    }
  }
  cipher.begin_.push_back(slot);
  return cipher;
}

Result<std::vector<CipherToken>> TokenCipher::encode(std::span<const CipherToken> plain,
                                                     RandomSource& random) const {
  std::vector<CipherToken> out;
  out.reserve(plain.size());
  for (const CipherToken token : plain) {
    if (token >= plain_vocabulary()) return outside(token, plain_vocabulary());
    const std::size_t count = begin_[token + 1] - begin_[token];
    // The high half of a word times the count: the bias is below count / 2^64.
    const std::size_t chosen =
        count == 1 ? 0
                   : static_cast<std::size_t>(
                         (static_cast<unsigned __int128>(random.next_u64()) * count) >> 64);
    out.push_back(substitutes_.reveal()[begin_[token] + chosen]);
  }
  return out;
}

Result<std::vector<CipherToken>> TokenCipher::decode(std::span<const CipherToken> cipher) const {
  std::vector<CipherToken> out;
  out.reserve(cipher.size());
  for (const CipherToken token : cipher) {
    if (token >= cipher_vocabulary()) return outside(token, cipher_vocabulary());
    out.push_back(plain_of_.reveal()[token]);
  }
  return out;
}

}  // namespace hippocrypt::privacy
