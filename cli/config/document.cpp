#include "cli/config/document.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <sstream>

#include "base/file.hpp"
#include "cli/config/suggest.hpp"

namespace hippocrypt::cli {
namespace {

constexpr std::size_t longest_shown_value = 60;

Error invalid(std::string detail) { return Error{Errc::invalid_config, std::move(detail)}; }

std::optional<std::size_t> parse_index(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> split(std::string_view key) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (true) {
    const std::size_t dot = key.find('.', begin);
    parts.emplace_back(key.substr(begin, dot - begin));
    if (dot == std::string_view::npos) return parts;
    begin = dot + 1;
  }
}

const toml::node* child_of(const toml::node* node, std::string_view part) {
  if (node == nullptr) return nullptr;
  if (const toml::table* table = node->as_table()) return table->get(part);
  if (const toml::array* array = node->as_array()) {
    const std::optional<std::size_t> index = parse_index(part);
    return index && *index < array->size() ? array->get(*index) : nullptr;
  }
  return nullptr;
}

bool is_same_or_below(std::string_view key, std::string_view ancestor) {
  if (key.substr(0, ancestor.size()) != ancestor) return false;
  return key.size() == ancestor.size() || key[ancestor.size()] == '.';
}

// The table that holds `text` as the value of "v"; a value that is no TOML is a plain string.
toml::table parse_value(const std::string& text) {
  if (text.find_first_of("\r\n") == std::string::npos) {
    try {
      return toml::parse("v = " + text);
    } catch (const toml::parse_error&) {
      // Taken as a string below: a wrong type is complained about where the key is read.
    }
  }
  return toml::table{{"v", text}};
}

// The shortest text that reads back as the same number: 1e-05, not 1.0000000000000001e-05.
std::string real_text(double value) {
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  std::string text(buffer.data(), result.ptr);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text.append(".0");
  return text;
}

}  // namespace

Result<Document> Document::load(const std::filesystem::path& path,
                                std::span<const std::string> overrides) {
  Result<std::string> text = read_text_file(path, max_config_bytes);
  if (!text.has_value()) {
    if (text.error().code == Errc::not_found)
      return invalid(path.string() + ": no such file; give the path of a configuration (TOML)");
    return invalid("the configuration cannot be read: " + text.error().detail);
  }
  std::optional<Document> document;
  try {
    document = Document{path, toml::parse(text.value(), path.string())};
  } catch (const toml::parse_error& error) {
    return invalid(path.string() + ":" + std::to_string(error.source().begin.line) +
                   ": not valid TOML: " + std::string{error.description()});
  }
  for (const std::string& override_text : overrides)
    HIPPOCRYPT_TRY_VOID(document->apply(override_text));
  return std::move(*document);
}

const toml::node* Document::find(std::string_view key) const {
  const toml::node* node = &root_;
  for (const std::string& part : split(key)) node = child_of(node, part);
  return node;
}

const Document::Override* Document::override_of(std::string_view key) const {
  // The last one that set the key, or a table that holds it, is the one in force.
  for (auto it = overrides_.rbegin(); it != overrides_.rend(); ++it)
    if (is_same_or_below(key, it->key)) return &*it;
  const toml::node* node = find(key);
  const bool written_in_file = node != nullptr && node->source().begin.line != 0;
  if (written_in_file) return nullptr;
  // A table that only exists because an override named a key inside it.
  for (auto it = overrides_.rbegin(); it != overrides_.rend(); ++it)
    if (node != nullptr && is_same_or_below(it->key, key)) return &*it;
  return nullptr;
}

std::string Document::place(std::string_view key) const {
  if (const Override* found = override_of(key)) return "--set " + found->text;
  // A missing key is looked for in its section: the line of the deepest part that is written down.
  const toml::node* node = &root_;
  toml::source_index line = 0;
  for (const std::string& part : split(key)) {
    node = child_of(node, part);
    if (node == nullptr) break;
    line = node->source().begin.line;
  }
  return line == 0 ? path_.string() : path_.string() + ":" + std::to_string(line);
}

Error Document::problem(std::string_view key, std::string_view sentence) const {
  std::string detail = place(key) + ": ";
  const toml::node* node = find(key);
  const Override* found = override_of(key);
  const bool place_says_it = found != nullptr && found->key == key;
  if (!place_says_it) {
    detail.append(key);
    if (node != nullptr && node->is_value()) detail.append(" = ").append(value_text(*node));
    detail.append(": ");
  }
  return invalid(detail.append(sentence));
}

Error Document::problem_at_first(std::span<const std::string> keys,
                                 std::string_view sentence) const {
  // What an override changed is what the user has just touched.
  for (const std::string& key : keys)
    if (find(key) != nullptr && override_of(key) != nullptr) return problem(key, sentence);
  for (const std::string& key : keys)
    if (find(key) != nullptr) return problem(key, sentence);
  return problem(keys.front(), sentence);
}

// The parts of a key, with the name of a hospital or group replaced by its position.
Result<std::vector<std::string>> Document::resolve(const std::string& text,
                                                   std::string_view key) const {
  std::vector<std::string> parts = split(key);
  if (std::any_of(parts.begin(), parts.end(), [](const std::string& p) { return p.empty(); }))
    return invalid("--set " + text + ": write it as key=value, for example privacy.delta=1e-6");
  const std::string kind = parts.front();
  if ((kind != "hospital" && kind != "group") || parts.size() < 3) return parts;
  // A name may hold dots, so it is all that stands between the first and the last one.
  const std::size_t begin = key.find('.') + 1;
  const std::string selector{key.substr(begin, key.rfind('.') - begin)};
  std::vector<std::string> names;
  std::optional<std::size_t> position;
  if (const toml::array* sections = root_[kind].as_array()) {
    for (std::size_t i = 0; i < sections->size(); ++i) {
      names.push_back(toml::node_view{sections->get(i)}["name"].value_or(std::to_string(i)));
      if (!position && names.back() == selector) position = i;
    }
  }
  if (names.empty())
    return invalid("--set " + text + ": the file has no [[" + kind + "]] section to change");
  if (!position) position = parse_index(selector);
  if (!position || *position >= names.size())
    return invalid("--set " + text + ": there is no " + kind + " '" + selector +
                   "'; give a position from 0 or a name: " + word_list(names, "or"));
  return std::vector<std::string>{kind, std::to_string(*position), parts.back()};
}

Status Document::apply(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    return invalid("--set " + text + ": write it as key=value, for example privacy.delta=1e-6");
  std::string_view written_key = std::string_view{text}.substr(0, equals);
  while (!written_key.empty() && written_key.back() == ' ') written_key.remove_suffix(1);
  HIPPOCRYPT_TRY(const std::vector<std::string> parts, resolve(text, written_key));
  toml::node* node = &root_;
  std::string key;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    if (i > 0) key.push_back('.');
    key.append(parts[i]);
    if (toml::array* array = node->as_array()) {
      const std::optional<std::size_t> index = parse_index(parts[i]);
      node = index && *index < array->size() ? array->get(*index) : nullptr;
    } else {
      toml::table* table = node->as_table();
      node = table->get(parts[i]);
      if (node == nullptr) node = &table->insert(parts[i], toml::table{}).first->second;
    }
    if (node == nullptr || (!node->is_table() && !node->is_array()))
      return invalid(std::string{"--set "}.append(text).append(": ").append(key).append(
          " holds no keys of its own"));
  }
  toml::table* table = node->as_table();
  if (table == nullptr)
    return invalid("--set " + text + ": " + key +
                   " is a list; name one entry, for example hospital.0.budget=4");
  if (!key.empty()) key.push_back('.');
  key.append(parts.back());
  toml::table value = parse_value(text.substr(equals + 1));
  table->insert_or_assign(parts.back(), std::move(*value.get("v")));
  overrides_.push_back({text, key});
  return {};
}

std::string value_text(const toml::node& node) {
  std::string text;
  if (const auto* real = node.as_floating_point()) {
    text = real_text(real->get());
  } else {
    std::ostringstream stream;
    stream << toml::node_view<const toml::node>{node};
    text = stream.str();
  }
  if (text.size() <= longest_shown_value) return text;
  std::size_t size = longest_shown_value;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;  // UTF-8
  return text.substr(0, size) + "...";
}

std::string kind_text(const toml::node& node) {
  if (node.is_table()) return "a section";
  if (node.is_array()) return "a list";
  if (node.is_string()) return "the string " + value_text(node);
  if (node.is_boolean()) return "the word " + value_text(node);
  if (node.is_number()) return "the number " + value_text(node);
  return "the date or time " + value_text(node);
}

}  // namespace hippocrypt::cli
