#include "model/tokenizer/encoder.hpp"

#include <algorithm>

#include "model/tokenizer/normalize.hpp"
#include "model/tokenizer/piece_spelling.hpp"

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

void Tokenizer::Encoder::append_word(std::string_view word) {
  WordCache::Entry& entry = cache_.at(word);
  if (entry.holds(word)) {
    const std::size_t size = ids_.size();
    ids_.resize(size + entry.count);
    std::copy_n(ids_.data() + entry.first, entry.count, ids_.data() + size);
    return;
  }
  const std::size_t first = ids_.size();
  if (const auto whole = tables_.find_whole(word)) {
    ids_.push_back(*whole);
  } else {
    symbols_.clear();
    append_symbols_and(word);
  }
  entry = {word.data(), static_cast<std::uint32_t>(word.size()), static_cast<std::uint32_t>(first),
           static_cast<std::uint32_t>(ids_.size() - first)};
}

void Tokenizer::Encoder::append_symbols_and(std::string_view word) {
  tables_.push_symbols(word, symbols_);
  tables_.merges.apply(symbols_);
  append(symbols_);
}

Status Tokenizer::Encoder::append_byte_level(std::string_view text) {
  Pretokenizer::Words words{*tables_.pretokenizer, text};
  while (const auto word = words.next()) append_word(*word);
  return words.status();
}

void Tokenizer::Encoder::append_sentencepiece(std::string_view text, bool at_start) {
  const DummyPrefix rule = tables_.parts.dummy_prefix;
  const bool may_prefix = rule == DummyPrefix::every_stretch || space_size(text, 0) == 0;
  const bool here = rule != DummyPrefix::none && (rule != DummyPrefix::start_without || at_start);
  bool with_prefix = may_prefix && here;
  while (!text.empty()) {
    const std::size_t size = tables_.spaces_divide ? first_spaced_word(text) : text.size();
    const std::string_view word = text.substr(0, size);
    text.remove_prefix(size);
    if (with_prefix) {
      // Not remembered: the memory knows words by their bytes, and the prefix has none.
      symbols_.assign(1, tables_.space);
      append_symbols_and(word);
      with_prefix = false;
    } else {
      append_word(word);
    }
  }
}

}  // namespace hippocrypt::model
