#pragma once
// Reads one section of a Document, key by key: type, allowed values and unknown keys in one place,
// so that a section's own file is a table of its keys.
//
//   SectionReader reader{document, "privacy"};
//   reader.real("delta", config.delta, probability);
//   HIPPOCRYPT_TRY_VOID(reader.finish());

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "cli/config/document.hpp"

namespace hippocrypt::cli {

/// What a floating-point key may hold: a sentence's end ("above 0") and the test.
struct RealRule {
  const char* allowed;
  bool (*accepts)(double value);
};

/// Every test is also false for NaN.
inline constexpr RealRule above_zero{
    "above 0, and finite", [](double value) { return value > 0 && std::isfinite(value); }};
inline constexpr RealRule zero_or_more{
    "of 0 or more, and finite", [](double value) { return value >= 0 && std::isfinite(value); }};
inline constexpr RealRule rate{"above 0 and at most 1",
                               [](double value) { return value > 0 && value <= 1; }};
inline constexpr RealRule probability{"above 0 and below 1",
                                      [](double value) { return value > 0 && value < 1; }};
inline constexpr RealRule privacy_budget{"above 0 (inf for no limit)",
                                         [](double value) { return value > 0; }};

/// What a whole-number key may hold, both ends included.
struct IntegerRule {
  std::int64_t low;
  std::int64_t high;
};

/// What hippocrypt::is_plain_name asks for.
inline constexpr const char* plain_name_rule =
    "must be usable as a folder name: 1 to 64 letters, digits, '-', '_' and '.', with no dot first";

/// Keeps the first problem; finish() returns it, or an unknown key, which is the likelier cause.
class SectionReader {
 public:
  /// `prefix` is "privacy" or "hospital.0". A section that is absent leaves every default.
  SectionReader(const Document& document, std::string prefix);

  /// Each reads one key if it is there; a wrong type or value is kept for finish().
  void integer(const char* key, std::uint32_t& value, IntegerRule rule);
  void integer(const char* key, std::uint64_t& value, IntegerRule rule);
  void real(const char* key, double& value, RealRule rule);
  void boolean(const char* key, bool& value);
  void plain_name(const char* key, std::string& value);
  void text(const char* key, std::string& value);
  /// A path, made relative to the configuration's folder.
  void path(const char* key, std::filesystem::path& value);
  /// One path or a list of them.
  void paths(const char* key, std::vector<std::filesystem::path>& value);
  void words(const char* key, std::vector<std::string>& value);
  /// One of the words that to_string gives for `allowed`.
  template <class Enum, std::size_t Size>
  void choice(const char* key, Enum& value, const std::array<Enum, Size>& allowed);

  /// A section within this one, which a reader of its own reads.
  void section(const char* key) { known_.emplace_back(key); }

  bool has(const char* key) const;
  /// The full name of a key, "privacy.delta".
  std::string name(const char* key) const { return prefix_ + "." + key; }
  /// Keeps a problem with `key` unless there is one already.
  void complain(const char* key, std::string_view sentence);
  /// Complains that a key without a default is missing; `meaning` says what it is for.
  void require(const char* key, std::string_view meaning);

  /// Errors: invalid_config, for an unknown key or the first problem.
  Status finish();

 private:
  const toml::node* take(const char* key);
  std::optional<std::int64_t> take_integer(const char* key, IntegerRule rule);
  std::optional<std::string> take_text(const char* key);
  std::optional<std::size_t> take_choice(const char* key, const std::vector<std::string>& words);

  const Document& document_;  // outlives the reader, which lives for one function call
  std::string prefix_;
  const toml::table* table_ = nullptr;
  std::vector<std::string> known_;
  std::optional<Error> problem_;
};

/// The complaint about `key`, which is not among `known` (the keys of `section`, "" for the file).
Error unknown_key(const Document& document, const std::string& key, std::string_view section,
                  const std::vector<std::string>& known);

template <class Enum, std::size_t Size>
void SectionReader::choice(const char* key, Enum& value, const std::array<Enum, Size>& allowed) {
  std::vector<std::string> words;
  words.reserve(Size);
  for (const Enum candidate : allowed) words.emplace_back(to_string(candidate));
  if (const std::optional<std::size_t> index = take_choice(key, words)) value = allowed[*index];
}

}  // namespace hippocrypt::cli
