#include "model/inference/json_lines.hpp"

#include <algorithm>

namespace hippocrypt::model {
namespace {

constexpr std::size_t max_line_bytes = std::size_t{16} << 20;

}  // namespace

Status for_each_json_line(std::string_view text, const std::string& source,
                          const std::function<Status(const JsonObject&)>& body) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const std::string name = source + ":" + std::to_string(number);
    if (line.size() > max_line_bytes) {
      return Error{Errc::limit_exceeded,
                   name + ": a line of more than " + std::to_string(max_line_bytes) + " bytes"};
    }
    HIPPOCRYPT_TRY(const Json value, parse_json(line, name));
    HIPPOCRYPT_TRY(const JsonObject object, JsonObject::of(value, name));
    HIPPOCRYPT_TRY_VOID(body(object));
  }
  return {};
}

}  // namespace hippocrypt::model
