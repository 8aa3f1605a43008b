#include "model/tokenizer/chat_template_file.hpp"

#include "base/file.hpp"
#include "model/files/json.hpp"

namespace hippocrypt::model {
namespace {

/// Files with 1000 added tokens have 200 KB.
constexpr std::size_t max_bytes = std::size_t{1} << 20;

/// The file's text; empty where there is no file.
Result<std::string> read_if_there(const std::filesystem::path& path) {
  auto text = read_text_file(path, max_bytes);
  if (!text.has_value() && text.error().code == Errc::not_found) return std::string{};
  return text;
}

}  // namespace

Result<std::string> read_chat_template(const std::filesystem::path& folder) {
  HIPPOCRYPT_TRY(std::string jinja, read_if_there(folder / "chat_template.jinja"));
  if (!jinja.empty()) return jinja;
  const auto path = folder / "tokenizer_config.json";
  HIPPOCRYPT_TRY(const std::string text, read_if_there(path));
  if (text.empty()) return std::string{};
  HIPPOCRYPT_TRY(const Json json, parse_json(text, path.string()));
  HIPPOCRYPT_TRY(const JsonObject config, JsonObject::of(json, path.string()));
  const Json* value = config.find("chat_template");
  if (value == nullptr || !value->is_array()) return config.text_or("chat_template", "");
  for (const Json& item : *value) {
    HIPPOCRYPT_TRY(const JsonObject named, JsonObject::of(item, path.string() + ": chat_template"));
    HIPPOCRYPT_TRY(const std::string name, named.text("name"));
    if (name == "default") return named.text("template");
  }
  return std::string{};
}

}  // namespace hippocrypt::model
