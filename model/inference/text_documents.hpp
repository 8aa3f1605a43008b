#pragma once
// Texts to evaluate a model on.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace hippocrypt::model {

/// The largest file of texts or questions.
inline constexpr std::size_t max_evaluation_file_bytes = std::size_t{256} << 20;

/// A file whose name ends in ".jsonl" holds one JSON object a line, whose "text" is a document of
/// its own (empty lines are left out); any other file is one document. Errors: not_found, io,
/// limit_exceeded (above max_evaluation_file_bytes, or JSON too deep), malformed (names the line
/// and what is wrong with it; a file without text).
Result<std::vector<std::string>> read_documents(const std::filesystem::path& path);

}  // namespace hippocrypt::model
