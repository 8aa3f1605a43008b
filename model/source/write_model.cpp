#include "model/source/write_model.hpp"

#include <array>

#include "base/file.hpp"
#include "model/tokenizer/tokenizer_json.hpp"

namespace hippocrypt::model {
namespace {

constexpr const char* tokenizer_name = "tokenizer.json";
/// What other software looks for beside the weights, besides config.json.
constexpr std::array<const char*, 7> text_files = {
    tokenizer_name,           "tokenizer_config.json", "special_tokens_map.json", "tokenizer.model",
    "generation_config.json", "chat_template.jinja",   "added_tokens.json"};

bool same_folder(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code failure;
  return std::filesystem::equivalent(a, b, failure) && !failure;
}

/// The names of the files that were there to copy.
Result<std::vector<std::string>> copy_text_files(const std::filesystem::path& from,
                                                 const std::filesystem::path& to) {
  std::vector<std::string> copied;
  for (const char* name : text_files) {
    std::error_code failure;
    if (!std::filesystem::is_regular_file(from / name, failure)) continue;
    HIPPOCRYPT_TRY(const Bytes bytes, read_file(from / name, max_tokenizer_json_bytes));
    HIPPOCRYPT_TRY_VOID(write_file_atomically(to / name, bytes));
    copied.emplace_back(name);
  }
  return copied;
}

Result<std::vector<std::string>> write_text_files(const ModelBundle& bundle,
                                                  const std::filesystem::path& out) {
  const std::filesystem::path source{bundle.name};
  std::error_code failure;
  if (std::filesystem::is_regular_file(source / tokenizer_name, failure)) {
    return copy_text_files(source, out);
  }
  HIPPOCRYPT_TRY_VOID(write_tokenizer_json(bundle.tokenizer, out / tokenizer_name));
  return std::vector<std::string>{tokenizer_name};
}

}  // namespace

Result<std::vector<std::string>> write_model(const ModelBundle& bundle,
                                             const std::filesystem::path& out,
                                             SaveModelOptions options) {
  const std::filesystem::path source{bundle.name};
  if (same_folder(source, out)) {
    return Error{Errc::invalid_config,
                 out.string() + ": is the folder that the model comes from; write to another"};
  }
  options.tokens = bundle.special;
  HIPPOCRYPT_TRY_VOID(save_model_folder(bundle.model, out, options));
  return write_text_files(bundle, out);
}

Result<std::vector<std::string>> write_hospital_part(const ModelBundle& bundle,
                                                     const HospitalPart& part,
                                                     const std::filesystem::path& out) {
  HIPPOCRYPT_TRY_VOID(
      save_hospital_part(bundle.model.config, bundle.model.client, part, bundle.special, out));
  return write_text_files(bundle, out);
}

}  // namespace hippocrypt::model
