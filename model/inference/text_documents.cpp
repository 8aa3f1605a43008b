#include "model/inference/text_documents.hpp"

#include "base/file.hpp"
#include "model/inference/json_lines.hpp"

namespace hippocrypt::model {

Result<std::vector<std::string>> read_documents(const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(std::string text, read_text_file(path, max_evaluation_file_bytes));
  std::vector<std::string> documents;
  if (path.extension() == ".jsonl") {
    HIPPOCRYPT_TRY_VOID(for_each_json_line(text, path.string(), [&](const JsonObject& line) {
      Result<std::string> document = line.text("text");
      if (!document) return Status{document.error()};
      documents.push_back(std::move(document).value());
      return Status{};
    }));
  } else if (!text.empty()) {
    documents.push_back(std::move(text));
  }
  if (documents.empty()) return Error{Errc::malformed, path.string() + ": no text"};
  return documents;
}

}  // namespace hippocrypt::model
