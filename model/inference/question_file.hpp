#pragma once
// Files of multiple-choice questions in the layouts of three public data sets.

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/inference/question.hpp"

namespace hippocrypt::model {

enum class QuestionFormat : std::uint8_t {
  detect,  ///< by the keys of the first question
  /// {"question", "options": {"A": ...}, "answer_idx": "A", "meta_info"?} (Jin et al. 2021)
  medqa,
  /// {"QUESTION", "CONTEXTS": [...], "final_decision": "yes" | "no" | "maybe"}, one a line or as
  /// the values of one object (Jin et al. 2019)
  pubmedqa,
  /// {"question", "opa", "opb", "opc", "opd", "cop", "subject_name"?} (Pal et al. 2022); cop counts
  /// from 1, as its authors publish it, unless the file holds a 0: then from 0
  medmcqa
};

const char* to_string(QuestionFormat format);
/// "auto", "medqa", "pubmedqa" or "medmcqa". Errors: invalid_config.
Result<QuestionFormat> question_format(std::string_view name);

/// Errors: not_found, io, limit_exceeded (larger than max_evaluation_file_bytes, or JSON too deep),
/// malformed (names the line, or the key in one object, and the field; no question; a layout that
/// cannot be told).
Result<std::vector<Question>> read_questions(const std::filesystem::path& path,
                                             QuestionFormat format);

}  // namespace hippocrypt::model
