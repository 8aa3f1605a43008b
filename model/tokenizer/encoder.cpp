#include "model/tokenizer/encoder.hpp"

#include <algorithm>

#include "model/tokenizer/normalize.hpp"
#include "model/tokenizer/piece_spelling.hpp"
#include "model/tokenizer/utf8.hpp"

namespace hippocrypt::model {
namespace {

/// Bytes of the space at `at`, written as such or as U+2581; 0 when there is none.
std::size_t space_size(std::string_view text, std::size_t at) {
  if (text[at] == ' ') return 1;
  return text.substr(at).starts_with(visible_space) ? visible_space.size() : 0;
}

/// The first word: its spaces and what follows up to the next ones.
std::size_t first_spaced_word(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t size = space_size(text, at);
    if (size == 0) break;
    at += size;
  }
  while (at < text.size() && space_size(text, at) == 0) ++at;
  return at;
}

}  // namespace

Tokenizer::Encoder::Encoder(const Tables& tables, std::size_t text_bytes)
    : tables_{tables}, cache_{text_bytes} {
  ids_.reserve(text_bytes / 3 + 8);
}

Status Tokenizer::Encoder::append_stretch(std::string_view text, bool at_start) {
  if (text.empty()) return {};
  if (tables_.parts.kind == TokenizerKind::sentencepiece) {
    append_sentencepiece(text, at_start);
    return {};
  }
  if (tables_.parts.normalize_nfc) {
    if (auto normalized = to_nfc(text)) {
      normalized_.push_back(std::move(*normalized));
      return append_byte_level(normalized_.back());
    }
  }
  return append_byte_level(text);
}

bool Tokenizer::Encoder::append_remembered(std::string_view word) {
  const WordCache::Entry& entry = cache_.at(word);
  if (!entry.holds(word)) return false;
  const std::size_t size = ids_.size();
  ids_.resize(size + entry.count);
  std::copy_n(ids_.data() + entry.first, entry.count, ids_.data() + size);
  return true;
}

void Tokenizer::Encoder::merge_symbols() {
  tables_.merges.apply(symbols_);
  append(symbols_);
}

Status Tokenizer::Encoder::append_byte_level(std::string_view text) {
  Pretokenizer::Words words{*tables_.pretokenizer, text};
  while (const auto word = words.next()) {
    if (append_remembered(*word)) continue;
    const std::size_t first = ids_.size();
    const auto whole = tables_.parts.ignore_merges ? tables_.find(*word) : std::nullopt;
    if (whole) {
      ids_.push_back(*whole);
    } else {
      symbols_.clear();
      for (const char c : *word) {
        const TokenId id = tables_.id_of_byte[static_cast<std::uint8_t>(c)];
        if (id != Tables::no_token) symbols_.push_back(id);
      }
      merge_symbols();
    }
    cache_.at(*word) = {word->data(), static_cast<std::uint32_t>(word->size()),
                        static_cast<std::uint32_t>(first),
                        static_cast<std::uint32_t>(ids_.size() - first)};
  }
  return words.status();
}

void Tokenizer::Encoder::append_sentencepiece(std::string_view text, bool at_start) {
  const DummyPrefix rule = tables_.parts.dummy_prefix;
  const bool may_prefix = rule == DummyPrefix::every_stretch || space_size(text, 0) == 0;
  const bool here = rule != DummyPrefix::none && (rule != DummyPrefix::start_without || at_start);
  bool with_prefix = may_prefix && here;
  while (!text.empty()) {
    const std::size_t size = tables_.spaces_divide ? first_spaced_word(text) : text.size();
    append_sentencepiece_word(text.substr(0, size), with_prefix);
    text.remove_prefix(size);
    with_prefix = false;
  }
}

void Tokenizer::Encoder::append_sentencepiece_word(std::string_view word, bool with_prefix) {
  // The cache knows words by their bytes, and the prefix has none.
  if (!with_prefix && append_remembered(word)) return;
  const std::size_t first = ids_.size();
  symbols_.clear();
  if (with_prefix) symbols_.push_back(tables_.space);
  push_characters(word);
  merge_symbols();
  if (with_prefix) return;
  cache_.at(word) = {word.data(), static_cast<std::uint32_t>(word.size()),
                     static_cast<std::uint32_t>(first),
                     static_cast<std::uint32_t>(ids_.size() - first)};
}

void Tokenizer::Encoder::push_characters(std::string_view word) {
  for (std::size_t at = 0; at < word.size();) {
    const std::size_t space = space_size(word, at);
    const std::size_t size = std::max<std::size_t>(utf8_sequence_size(word.substr(at)), 1);
    const std::string_view character = word.substr(at, size);
    at += size;
    if (space > 0) {
      symbols_.push_back(tables_.space);
    } else if (const auto id = tables_.find(character)) {
      symbols_.push_back(*id);
    } else {
      for (const char c : character) {
        symbols_.push_back(tables_.id_of_byte[static_cast<std::uint8_t>(c)]);
      }
    }
  }
}

}  // namespace hippocrypt::model
