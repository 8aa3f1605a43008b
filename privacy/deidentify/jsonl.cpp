#include "privacy/deidentify/jsonl.hpp"

#include <fmt/format.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "base/json_nesting.hpp"

namespace hippocrypt::privacy {
namespace {

using Json = nlohmann::ordered_json;

Result<Json> parse(std::string_view line) {
  if (line.size() > max_deidentify_line_bytes) {
    return Error{Errc::limit_exceeded, fmt::format("a line of {} bytes; at most {} are read",
                                                   line.size(), max_deidentify_line_bytes)};
  }
  if (is_nested_deeper(line, max_json_depth)) {
    return Error{Errc::malformed, fmt::format("nested more than {} deep", max_json_depth)};
  }
  Json note = Json::parse(line, nullptr, false);
  if (!note.is_object()) return Error{Errc::malformed, "not a JSON object"};
  return note;
}

using Visit = std::function<Status(const std::string& field, Json& text)>;

Status visit_text(const std::string& name, Json& value, const Visit& visit) {
  if (!value.is_string()) {
    return Error{Errc::malformed, fmt::format("field '{}' must be a string", name)};
  }
  return visit(name, value);
}

/// Every text of the note. Errors: malformed, those of `visit`.
Status for_each_text(Json& note, const Visit& visit) {
  bool any = false;
  for (const char* name : {"text", "prompt", "completion"}) {
    const auto field = note.find(name);
    if (field == note.end()) continue;
    any = true;
    HIPPOCRYPT_TRY_VOID(visit_text(name, *field, visit));
  }
  const auto messages = note.find("messages");
  if (messages != note.end() && messages->is_array()) {
    std::size_t index = 0;
    for (Json& message : *messages) {
      any = true;
      if (!message.is_object() || !message.contains("content")) {
        return Error{Errc::malformed, "an entry of 'messages' has no 'content'"};
      }
      HIPPOCRYPT_TRY_VOID(
          visit_text(fmt::format("messages[{}].content", index++), message["content"], visit));
    }
  }
  if (!any) {
    return Error{Errc::malformed,
                 "no text: a note has 'text', 'prompt' and 'completion', or 'messages'"};
  }
  return {};
}

std::string patient_of(const Json& note) {
  const auto id = note.find("patient_id");
  return id != note.end() && id->is_string() ? id->get<std::string>() : std::string{};
}

std::string print(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json spans_json(const Finding& finding) {
  Json spans = Json::array();
  for (const Span& span : finding.spans) {
    spans.push_back({{"begin", span.begin},
                     {"end", span.end},
                     {"category", to_string(span.category)},
                     {"letter", std::string(1, row_of(span.category).letter)},
                     {"score", span.score},
                     {"rule", span.rule}});
  }
  Json residuals = Json::array();
  for (const Residual& residual : finding.residuals) {
    residuals.push_back({{"begin", residual.begin}, {"end", residual.end}});
  }
  return {{"spans", spans}, {"residuals", residuals}};
}

}  // namespace

Result<LineResult> deidentify_line(std::string_view line, std::uint64_t number,
                                   Deidentifier& deidentifier) {
  HIPPOCRYPT_TRY(Json note, parse(line));
  const std::string patient = patient_of(note);
  LineResult result;
  Json fields = Json::object();
  const Status status = for_each_text(note, [&](const std::string& name, Json& text) -> Status {
    HIPPOCRYPT_TRY(const Replaced replaced,
                   deidentifier.replace(patient, text.get_ref<const std::string&>()));
    fields[name] = spans_json(replaced.finding);
    for (const Span& span : replaced.finding.spans) {
      ++result.counts[static_cast<std::size_t>(span.category)];
    }
    result.residuals += replaced.finding.residuals.size();
    result.work += replaced.finding.work;
    text = replaced.text;
    return {};
  });
  if (!status) return status.error();
  result.line = print(note);
  result.report = print({{"line", number}, {"fields", fields}});
  return result;
}

Status learn_line(std::string_view line, Deidentifier& deidentifier) {
  HIPPOCRYPT_TRY(Json note, parse(line));
  const std::string patient = patient_of(note);
  return for_each_text(note, [&](const std::string&, Json& text) {
    return deidentifier.learn(patient, text.get_ref<const std::string&>());
  });
}

}  // namespace hippocrypt::privacy
