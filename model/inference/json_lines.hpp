#pragma once
// JSON Lines: one object a line, each named by file and line in errors.

#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/files/json.hpp"

namespace hippocrypt::model {

/// Calls body(object) for every line that is not blank, until one fails. The object names itself
/// "source:line". Errors: malformed (a line that is no JSON object), limit_exceeded (nested too
/// deep, or a line above 16 MiB), the body's.
Status for_each_json_line(std::string_view text, const std::string& source,
                          const std::function<Status(const JsonObject&)>& body);

}  // namespace hippocrypt::model
