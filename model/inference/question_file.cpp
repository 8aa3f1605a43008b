#include "model/inference/question_file.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/file.hpp"
#include "model/inference/json_lines.hpp"
#include "model/inference/text_documents.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::array formats{QuestionFormat::detect, QuestionFormat::medqa,
                             QuestionFormat::pubmedqa, QuestionFormat::medmcqa};
constexpr std::array<const char*, 3> decisions{"yes", "no", "maybe"};
constexpr std::array<const char*, 4> mcq_options{"opa", "opb", "opc", "opd"};
constexpr std::size_t most_options = 26;

Result<std::string> text_that_is_not_empty(const JsonObject& object, const std::string& key) {
  HIPPOCRYPT_TRY(std::string text, object.text(key));
  if (text.empty()) return object.wrong(key, "a text that is not empty");
  return text;
}

std::string as_prompt(const std::string& question) { return "Question: " + question + "\nAnswer:"; }

Result<Question> medqa_question(const JsonObject& object) {
  Question question;
  HIPPOCRYPT_TRY(const std::string text, text_that_is_not_empty(object, "question"));
  question.prompt = as_prompt(text);
  HIPPOCRYPT_TRY(const JsonObject options, object.object("options"));
  HIPPOCRYPT_TRY(const std::string answer, object.text("answer_idx"));
  std::optional<std::size_t> index;
  for (const auto& item : options.json().items()) {
    if (item.key() == answer) index = question.options.size();
    HIPPOCRYPT_TRY(std::string option, text_that_is_not_empty(options, item.key()));
    question.options.push_back(std::move(option));
  }
  if (question.options.size() < 2 || question.options.size() > most_options) {
    return object.wrong("options", "2 to 26 options");
  }
  if (!index) return object.wrong("answer_idx", "the key of one of the options");
  question.answer = *index;
  HIPPOCRYPT_TRY(question.subject, object.text_or("meta_info", ""));
  return question;
}

Result<Question> pubmedqa_question(const JsonObject& object) {
  Question question;
  HIPPOCRYPT_TRY(const std::string text, text_that_is_not_empty(object, "QUESTION"));
  HIPPOCRYPT_TRY(const Json* const contexts, object.require("CONTEXTS"));
  const std::string wanted = "a list of texts";
  if (!contexts->is_array()) return object.wrong("CONTEXTS", wanted);
  for (const Json& context : *contexts) {
    if (!context.is_string()) return object.wrong("CONTEXTS", wanted);
    question.prompt += context.get_ref<const std::string&>() + "\n";
  }
  question.prompt += as_prompt(text);
  HIPPOCRYPT_TRY(const std::string decision, object.text("final_decision"));
  const auto found = std::find(decisions.begin(), decisions.end(), decision);
  if (found == decisions.end()) {
    return object.wrong("final_decision", "\"yes\", \"no\" or \"maybe\"");
  }
  question.answer = static_cast<std::size_t>(found - decisions.begin());
  question.options.assign(decisions.begin(), decisions.end());
  return question;
}

/// The answer is left as "cop" says, counted from whatever.
Result<Question> medmcqa_question(const JsonObject& object) {
  Question question;
  HIPPOCRYPT_TRY(const std::string text, text_that_is_not_empty(object, "question"));
  question.prompt = as_prompt(text);
  for (const char* key : mcq_options) {
    HIPPOCRYPT_TRY(std::string option, text_that_is_not_empty(object, key));
    question.options.push_back(std::move(option));
  }
  HIPPOCRYPT_TRY(const std::uint64_t answer, object.unsigned_value("cop"));
  if (answer > mcq_options.size()) return object.wrong("cop", "1 to 4, or 0 to 3");
  question.answer = static_cast<std::size_t>(answer);
  HIPPOCRYPT_TRY(question.subject, object.text_or("subject_name", ""));
  return question;
}

Status count_answers_from_zero(std::vector<Question>& questions, const std::string& source) {
  const auto has = [&](std::size_t answer) {
    return std::any_of(questions.begin(), questions.end(),
                       [&](const Question& question) { return question.answer == answer; });
  };
  if (has(0) && has(mcq_options.size())) {
    return Error{Errc::malformed, source +
                                      ": cop must be 1 to 4 in the whole file, or 0 to 3; here "
                                      "there are 0 and 4"};
  }
  if (has(0)) return {};
  for (Question& question : questions) --question.answer;
  return {};
}

Result<QuestionFormat> detect(const JsonObject& object) {
  if (object.find("opa") != nullptr) return QuestionFormat::medmcqa;
  if (object.find("QUESTION") != nullptr) return QuestionFormat::pubmedqa;
  if (object.find("options") != nullptr) return QuestionFormat::medqa;
  return Error{Errc::malformed,
               object.source() +
                   ": has none of the keys options (medqa), QUESTION (pubmedqa) and opa (medmcqa); "
                   "is this a file of questions?"};
}

/// Reads one question after another, of the format that the first one shows.
class Reader {
 public:
  explicit Reader(QuestionFormat format) : format_{format} {}

  Status add(const JsonObject& object) {
    if (format_ == QuestionFormat::detect) {
      HIPPOCRYPT_TRY(format_, detect(object));
    }
    Result<Question> question = format_ == QuestionFormat::medqa      ? medqa_question(object)
                                : format_ == QuestionFormat::pubmedqa ? pubmedqa_question(object)
                                                                      : medmcqa_question(object);
    if (!question) return question.error();
    questions_.push_back(std::move(question).value());
    return {};
  }

  Result<std::vector<Question>> finish(const std::string& source) {
    if (questions_.empty()) return Error{Errc::malformed, source + ": no questions"};
    if (format_ == QuestionFormat::medmcqa) {
      HIPPOCRYPT_TRY_VOID(count_answers_from_zero(questions_, source));
    }
    return std::move(questions_);
  }

 private:
  QuestionFormat format_;
  std::vector<Question> questions_;
};

/// Whether the text is one object over several lines or with the questions as its values, rather
/// than an object a line.
bool is_one_object(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  const Result<Json> first = parse_json(line, "");
  if (!first) return true;
  return first->is_object() && !first->empty() && first->begin()->is_object() &&
         first->begin()->contains("QUESTION");
}

}  // namespace

const char* to_string(QuestionFormat format) {
  switch (format) {
    case QuestionFormat::detect:
      return "auto";
    case QuestionFormat::medqa:
      return "medqa";
    case QuestionFormat::pubmedqa:
      return "pubmedqa";
    case QuestionFormat::medmcqa:
      return "medmcqa";
  }
  return "?";
}

Result<QuestionFormat> question_format(std::string_view name) {
  for (const QuestionFormat format : formats) {
    if (name == to_string(format)) return format;
  }
  return Error{Errc::invalid_config, "a question format is auto, medqa, pubmedqa or medmcqa"};
}

Result<std::vector<Question>> read_questions(const std::filesystem::path& path,
                                             QuestionFormat format) {
  HIPPOCRYPT_TRY(const std::string text, read_text_file(path, max_evaluation_file_bytes));
  const std::string source = path.string();
  Reader reader{format};
  const bool may_be_one = format == QuestionFormat::detect || format == QuestionFormat::pubmedqa;
  if (may_be_one && is_one_object(text)) {
    // A broken first line of JSON Lines fails here too, and with its place.
    if (const Result<Json> whole = parse_json(text, source); whole && whole->is_object()) {
      for (const auto& item : whole->items()) {
        HIPPOCRYPT_TRY(const JsonObject object,
                       JsonObject::of(item.value(), source + ": " + item.key()));
        HIPPOCRYPT_TRY_VOID(reader.add(object));
      }
      return reader.finish(source);
    }
  }
  HIPPOCRYPT_TRY_VOID(for_each_json_line(
      text, source, [&](const JsonObject& object) { return reader.add(object); }));
  return reader.finish(source);
}

}  // namespace hippocrypt::model
