#include "model/tokenizer/bpe_trainer.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "model/tokenizer/byte_alphabet.hpp"
#include "model/tokenizer/pretokenizer.hpp"

namespace hippocrypt::model {
namespace {

/// A distinct word of the texts, as it is divided now.
struct Word {
  std::vector<TokenId> symbols;
  std::int64_t count;
};

struct PairHash {
  std::size_t operator()(const TokenPair& pair) const {
    return std::hash<std::uint64_t>{}((std::uint64_t{pair.first} << 32) | pair.second);
  }
};

/// Words that contain a pair (or did), and how often the pair comes in all texts.
struct PairUse {
  std::int64_t count = 0;
  std::vector<std::size_t> words;
};

/// Ordered so that the queue's greatest is the most frequent pair, of those the lowest ids.
struct Candidate {
  std::int64_t count;
  TokenPair pair;
  bool operator<(const Candidate& other) const {
    return count != other.count ? count < other.count : pair > other.pair;
  }
};

/// The state of training: words, uses of pairs, and a queue whose entries may be out of date.
class Trainer {
 public:
  Trainer(TokenizerParts parts, const std::map<std::string_view, std::int64_t>& word_counts)
      : parts_{std::move(parts)} {
    std::array<TokenId, 256> id_of_byte{};
    for (std::size_t id = 0; id < parts_.tokens.size(); ++id) {
      const std::string& token = parts_.tokens[id];
      if (token.empty()) continue;
      id_of_byte[static_cast<std::uint8_t>(token.front())] = static_cast<TokenId>(id);
      id_of_token_.emplace(token, static_cast<TokenId>(id));
    }
    for (const auto& special : parts_.specials) {
      if (auto bytes = unspell_bytes(special.content)) reserved_.insert(std::move(*bytes));
    }
    for (const auto& [text, count] : word_counts) {
      Word word{{}, count};
      for (const char c : text) word.symbols.push_back(id_of_byte[static_cast<std::uint8_t>(c)]);
      words_.push_back(std::move(word));
    }
    for (std::size_t w = 0; w < words_.size(); ++w) count_pairs(w, words_[w].count);
    for (const auto& [pair, use] : uses_) queue_.push({use.count, pair});
  }

  TokenizerParts run(std::size_t vocab_size) && {
    while (parts_.tokens.size() < vocab_size && parts_.merges.size() < max_merges) {
      const auto pair = next_pair();
      if (!pair) break;
      merge(*pair);
    }
    return std::move(parts_);
  }

 private:
  /// Adds `weight` to every adjacent pair of a word.
  void count_pairs(std::size_t w, std::int64_t weight) {
    const auto& symbols = words_[w].symbols;
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
      PairUse& use = uses_[{symbols[i], symbols[i + 1]}];
      use.count += weight;
      if (weight > 0) use.words.push_back(w);
    }
  }

  std::optional<TokenPair> next_pair() {
    while (!queue_.empty()) {
      const Candidate best = queue_.top();
      queue_.pop();
      const std::int64_t count = uses_[best.pair].count;
      // Each change of a count is queued, so an entry that is out of date has a successor.
      if (count != best.count || count < 2 || merged_.count(best.pair) != 0) continue;
      const std::string joined = parts_.tokens[best.pair.first] + parts_.tokens[best.pair.second];
      // A token of text must not have a special token's name, nor be longer than a tokenizer takes.
      if (reserved_.count(joined) != 0 || joined.size() > max_token_bytes) continue;
      return best.pair;
    }
    return {};
  }

  void merge(TokenPair pair) {
    std::string joined = parts_.tokens[pair.first] + parts_.tokens[pair.second];
    // Two ways of joining may give the same bytes, which then are one token.
    const auto [entry, is_new] =
        id_of_token_.emplace(joined, static_cast<TokenId>(parts_.tokens.size()));
    const TokenId result = entry->second;
    if (is_new) parts_.tokens.push_back(std::move(joined));
    parts_.merges.push_back(pair);
    merged_.insert(pair);

    std::vector<std::size_t> affected = std::move(uses_[pair].words);
    std::sort(affected.begin(), affected.end());
    affected.erase(std::unique(affected.begin(), affected.end()), affected.end());
    std::unordered_set<TokenPair, PairHash> changed;
    for (const std::size_t w : affected) merge_in_word(w, pair, result, changed);
    for (const TokenPair& other : changed) {
      const std::int64_t count = uses_[other].count;
      if (count > 0) queue_.push({count, other});
    }
  }

  void merge_in_word(std::size_t w, TokenPair pair, TokenId result,
                     std::unordered_set<TokenPair, PairHash>& changed) {
    auto& symbols = words_[w].symbols;
    const auto note_pairs = [&] {
      for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
        changed.insert({symbols[i], symbols[i + 1]});
      }
    };
    count_pairs(w, -words_[w].count);
    note_pairs();
    std::size_t kept = 0;
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      const bool joins =
          i + 1 < symbols.size() && symbols[i] == pair.first && symbols[i + 1] == pair.second;
      symbols[kept++] = joins ? result : symbols[i];
      if (joins) ++i;
    }
    symbols.resize(kept);
    count_pairs(w, words_[w].count);
    note_pairs();
  }

  TokenizerParts parts_;
  std::vector<Word> words_;
  std::unordered_map<TokenPair, PairUse, PairHash> uses_;
  std::priority_queue<Candidate> queue_;
  std::unordered_map<std::string, TokenId> id_of_token_;
  std::unordered_set<TokenPair, PairHash> merged_;
  std::unordered_set<std::string> reserved_;
};

Result<std::map<std::string_view, std::int64_t>> count_words(
    std::span<const std::string_view> texts) {
  std::map<std::string_view, std::int64_t> counts;
  const Pretokenizer pretokenizer;
  for (const std::string_view text : texts) {
    if (text.size() > max_text_bytes) {
      return Error{Errc::limit_exceeded, "a training text of " + std::to_string(text.size()) +
                                             " bytes; at most " + std::to_string(max_text_bytes) +
                                             "; divide it"};
    }
    HIPPOCRYPT_TRY(const auto words, pretokenizer.words(text));
    for (const std::string_view word : words) {
      if (word.size() > 1 && word.size() <= max_training_word_bytes) ++counts[word];
    }
  }
  return counts;
}

/// The vocabulary before the first merge.
TokenizerParts initial_parts(std::span<const std::string> special_tokens) {
  TokenizerParts parts;
  for (const std::string& content : special_tokens) {
    parts.specials.push_back({static_cast<TokenId>(parts.tokens.size()), content});
    parts.tokens.emplace_back();
  }
  for (const std::uint8_t byte : bytes_in_alphabet_order()) {
    parts.tokens.emplace_back(1, static_cast<char>(byte));
  }
  return parts;
}

}  // namespace

Result<Tokenizer> train_bpe(std::span<const std::string_view> texts, std::size_t vocab_size,
                            std::span<const std::string> special_tokens) {
  TokenizerParts parts = initial_parts(special_tokens);
  if (vocab_size < parts.tokens.size() || vocab_size > max_vocab_size) {
    return Error{Errc::out_of_range,
                 "a vocabulary of " + std::to_string(vocab_size) + " tokens; it must have " +
                     std::to_string(parts.tokens.size()) + " (special tokens and bytes) to " +
                     std::to_string(max_vocab_size)};
  }
  // What is wrong with the special tokens is found before the texts are counted.
  HIPPOCRYPT_TRY_VOID(Tokenizer::create(parts));
  HIPPOCRYPT_TRY(const auto counts, count_words(texts));
  return Tokenizer::create(Trainer{std::move(parts), counts}.run(vocab_size));
}

}  // namespace hippocrypt::model
