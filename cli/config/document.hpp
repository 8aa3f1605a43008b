#pragma once
// A parsed TOML file with its --set overrides laid over it: the values, and where each came from,
// so that every complaint can name a line of the file or the override.
//
// Paths are dotted: "privacy.delta", "hospital.0.budget" (hospitals are counted from 0).

#include <toml++/toml.h>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace hippocrypt::cli {

/// The largest configuration file that is read.
inline constexpr std::size_t max_config_bytes = std::size_t{1} << 20;

class Document {
 public:
  /// Reads and parses `path`, then applies the overrides in their order ("privacy.delta=1e-6",
  /// "hospital.0.budget=4", "hospital.st-anna.budget=4"). A value is TOML; what is not TOML is
  /// taken as a string. Errors: invalid_config (missing or unreadable file, syntax, malformed
  /// override).
  static Result<Document> load(const std::filesystem::path& path,
                               std::span<const std::string> overrides);

  const std::filesystem::path& path() const { return path_; }
  const toml::table& root() const { return root_; }
  /// The node at a dotted path, or nullptr.
  const toml::node* find(std::string_view key) const;
  /// Where `key` was written: "file:line", "--set key=value", or "file" if it is nowhere.
  std::string place(std::string_view key) const;
  /// An invalid_config error: "place: key = value: sentence", without " = value" for a missing key.
  Error problem(std::string_view key, std::string_view sentence) const;
  /// The same, at the first of `keys` that is written down, else at the first.
  Error problem_at_first(std::span<const std::string> keys, std::string_view sentence) const;

 private:
  struct Override {
    std::string text;  ///< as the user gave it
    std::string key;   ///< with hospitals' names replaced by their positions
  };

  Document(std::filesystem::path path, toml::table root)
      : path_{std::move(path)}, root_{std::move(root)} {}
  Status apply(const std::string& text);
  Result<std::vector<std::string>> resolve(const std::string& text, std::string_view key) const;
  const Override* override_of(std::string_view key) const;

  std::filesystem::path path_;
  toml::table root_;
  std::vector<Override> overrides_;
};

/// A value as it stands in a message: a string in quotes, at most about 60 characters.
std::string value_text(const toml::node& node);
/// "the number 3", "the string "x"", "a table": for messages about a wrong type.
std::string kind_text(const toml::node& node);

}  // namespace hippocrypt::cli
