#include "cli/config/section_reader.hpp"

#include <algorithm>

#include "base/plain_name.hpp"
#include "cli/config/suggest.hpp"

namespace hippocrypt::cli {

Error unknown_key(const Document& document, const std::string& key, std::string_view section,
                  const std::vector<std::string>& known) {
  const std::string full = section.empty() ? key : std::string{section} + "." + key;
  std::string sentence = "unknown key";
  const std::string suggestion = nearest(key, known);
  if (!suggestion.empty()) sentence.append(", did you mean '").append(suggestion).append("'?");
  sentence.append(suggestion.empty() ? "; " : " ");
  sentence.append(section.empty() ? "the file's sections are: " : "the section's keys are: ");
  return document.problem(full, sentence.append(word_list(known, "and")));
}

SectionReader::SectionReader(const Document& document, std::string prefix)
    : document_{document}, prefix_{std::move(prefix)} {
  const toml::node* node = document_.find(prefix_);
  if (node == nullptr) return;
  table_ = node->as_table();
  if (table_ == nullptr) {
    problem_ = document_.problem(
        prefix_, "must be a section ([" + prefix_ + "] with keys), not " + kind_text(*node));
  }
}

const toml::node* SectionReader::take(const char* key) {
  known_.emplace_back(key);
  return table_ == nullptr ? nullptr : table_->get(key);
}

bool SectionReader::has(const char* key) const {
  return table_ != nullptr && table_->contains(key);
}

void SectionReader::complain(const char* key, std::string_view sentence) {
  if (!problem_) problem_ = document_.problem(name(key), sentence);
}

void SectionReader::require(const char* key, std::string_view meaning) {
  if (!has(key)) complain(key, "missing: give " + std::string{meaning});
}

std::optional<std::int64_t> SectionReader::take_integer(const char* key, IntegerRule rule) {
  const toml::node* node = take(key);
  if (node == nullptr) return std::nullopt;
  const std::string allowed = "must be a whole number from " + std::to_string(rule.low) + " to " +
                              std::to_string(rule.high);
  const toml::value<std::int64_t>* integer = node->as_integer();
  if (integer == nullptr) {
    complain(key, allowed + ", not " + kind_text(*node));
    return std::nullopt;
  }
  if (integer->get() < rule.low || integer->get() > rule.high) {
    complain(key, allowed);
    return std::nullopt;
  }
  return integer->get();
}

void SectionReader::integer(const char* key, std::uint32_t& value, IntegerRule rule) {
  if (const auto taken = take_integer(key, rule)) value = static_cast<std::uint32_t>(*taken);
}

void SectionReader::integer(const char* key, std::uint64_t& value, IntegerRule rule) {
  if (const auto taken = take_integer(key, rule)) value = static_cast<std::uint64_t>(*taken);
}

void SectionReader::real(const char* key, double& value, RealRule rule) {
  const toml::node* node = take(key);
  if (node == nullptr) return;
  const std::string allowed = std::string{"must be a number "} + rule.allowed;
  if (!node->is_number()) return complain(key, allowed + ", not " + kind_text(*node));
  const double taken = *node->value<double>();
  if (!rule.accepts(taken)) return complain(key, allowed);
  value = taken;
}

void SectionReader::boolean(const char* key, bool& value) {
  const toml::node* node = take(key);
  if (node == nullptr) return;
  if (!node->is_boolean()) return complain(key, "must be true or false, not " + kind_text(*node));
  value = node->as_boolean()->get();
}

std::optional<std::string> SectionReader::take_text(const char* key) {
  const toml::node* node = take(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_string()) {
    complain(key, "must be a string in quotes, not " + kind_text(*node));
    return std::nullopt;
  }
  return node->as_string()->get();
}

void SectionReader::text(const char* key, std::string& value) {
  if (std::optional<std::string> taken = take_text(key)) value = std::move(*taken);
}

void SectionReader::plain_name(const char* key, std::string& value) {
  std::optional<std::string> taken = take_text(key);
  if (!taken) return;
  if (!is_plain_name(*taken)) return complain(key, plain_name_rule);
  value = std::move(*taken);
}

void SectionReader::path(const char* key, std::filesystem::path& value) {
  const std::optional<std::string> taken = take_text(key);
  if (!taken) return;
  if (taken->empty()) return complain(key, "must be a path, not an empty string");
  value = (document_.path().parent_path() / *taken).lexically_normal();
}

void SectionReader::paths(const char* key, std::vector<std::filesystem::path>& value) {
  const toml::node* node = table_ == nullptr ? nullptr : table_->get(key);
  std::vector<std::string> taken;
  if (node != nullptr && node->is_string()) {
    known_.emplace_back(key);
    taken.push_back(node->as_string()->get());
  } else {
    words(key, taken);
  }
  value.clear();
  for (const std::string& path : taken) {
    if (path.empty()) return complain(key, "must be a path or a list of paths, none of them empty");
    value.push_back((document_.path().parent_path() / path).lexically_normal());
  }
}

void SectionReader::words(const char* key, std::vector<std::string>& value) {
  const toml::node* node = take(key);
  if (node == nullptr) return;
  const toml::array* array = node->as_array();
  if (array == nullptr) return complain(key, "must be a list of strings, not " + kind_text(*node));
  std::vector<std::string> taken;
  for (const toml::node& entry : *array) {
    if (!entry.is_string())
      return complain(key, "must be a list of strings; one entry is " + kind_text(entry));
    taken.push_back(entry.as_string()->get());
  }
  value = std::move(taken);
}

std::optional<std::size_t> SectionReader::take_choice(const char* key,
                                                      const std::vector<std::string>& words) {
  const std::optional<std::string> taken = take_text(key);
  if (!taken) return std::nullopt;
  const auto found = std::find(words.begin(), words.end(), *taken);
  if (found == words.end()) {
    complain(key, "must be " + word_list(words, "or"));
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - words.begin());
}

Status SectionReader::finish() {
  if (table_ != nullptr) {
    for (const auto& [key, node] : *table_) {
      const std::string word{key.str()};
      if (std::find(known_.begin(), known_.end(), word) == known_.end())
        return unknown_key(document_, word, prefix_, known_);
    }
  }
  if (problem_) return std::move(*problem_);
  return {};
}

}  // namespace hippocrypt::cli
