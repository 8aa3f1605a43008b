#include "model/source/open_model.hpp"

#include <utility>

#include "model/files/gguf/gguf_file.hpp"
#include "model/files/gguf/gguf_model.hpp"
#include "model/files/open_weights.hpp"
#include "model/source/gguf_text.hpp"
#include "model/tokenizer/chat_template_file.hpp"
#include "model/tokenizer/tokenizer_gguf.hpp"
#include "model/tokenizer/tokenizer_json.hpp"

namespace hippocrypt::model {
namespace {

/// A model may have more rows than its tokenizer has tokens (padding), never fewer.
Status check_vocabulary(const ModelBundle& bundle) {
  const std::size_t tokens = bundle.tokenizer.vocab_size();
  const std::size_t rows = bundle.model.config->vocab;
  if (tokens <= rows) return {};
  return Error{Errc::mismatch, bundle.name + ": the tokenizer has " + std::to_string(tokens) +
                                   " tokens, the model embeds only " + std::to_string(rows) +
                                   "; they belong to different models"};
}

/// What is small comes first, so that its errors do not wait for the weights.
template <class Load>
Result<ModelBundle> open_folder(const std::string& spec, const std::filesystem::path& folder,
                                const Load& load) {
  HIPPOCRYPT_TRY(auto tokenizer, read_tokenizer_json(folder / "tokenizer.json"));
  HIPPOCRYPT_TRY(const auto special, load_special_token_ids(folder));
  HIPPOCRYPT_TRY(auto chat_template, read_chat_template(folder));
  HIPPOCRYPT_TRY(auto model, load(folder));
  return ModelBundle{spec, std::move(model), std::move(tokenizer), special,
                     std::move(chat_template)};
}

Result<ModelBundle> open_gguf(const std::string& spec, const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(const GgufFile file, GgufFile::open(path));
  HIPPOCRYPT_TRY(GgufVocabulary vocabulary, read_gguf_vocabulary(file));
  std::string chat_template = vocabulary.chat_template;
  const SpecialTokenIds special = special_tokens_of(vocabulary);
  HIPPOCRYPT_TRY(auto tokenizer, tokenizer_from_gguf(std::move(vocabulary), file.source()));
  HIPPOCRYPT_TRY(auto model, load_gguf_model(file));
  return ModelBundle{spec, std::move(model), std::move(tokenizer), special,
                     std::move(chat_template)};
}

}  // namespace

Result<ModelBundle> open_model(const std::string& spec) {
  HIPPOCRYPT_TRY(const std::filesystem::path path, locate_model(spec));
  const auto load = [](const std::filesystem::path& folder) { return load_model_folder(folder); };
  HIPPOCRYPT_TRY(auto bundle,
                 is_gguf_file(path) ? open_gguf(spec, path) : open_folder(spec, path, load));
  HIPPOCRYPT_TRY_VOID(check_vocabulary(bundle));
  return bundle;
}

Result<ModelBundle> open_hospital_model(const std::string& spec) {
  if (!is_hospital_part(spec)) return open_model(spec);
  HospitalPart part;
  const auto load = [&part](const std::filesystem::path& folder) -> Result<Model> {
    HIPPOCRYPT_TRY(HospitalModel opened, load_hospital_part(folder));
    part = std::move(opened.part);
    return std::move(opened.model);
  };
  HIPPOCRYPT_TRY(auto bundle, open_folder(spec, spec, load));
  HIPPOCRYPT_TRY_VOID(check_vocabulary(bundle));
  bundle.part = std::move(part);
  return bundle;
}

}  // namespace hippocrypt::model
