#include "model/source/open_model.hpp"

#include "model/files/open_weights.hpp"
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

}  // namespace

Result<ModelBundle> open_model(const std::string& spec) {
  const std::filesystem::path folder{spec};
  // What is small comes first, so that its errors do not wait for the weights.
  HIPPOCRYPT_TRY(auto tokenizer, read_tokenizer_json(folder / "tokenizer.json"));
  HIPPOCRYPT_TRY(const auto special, load_special_token_ids(folder));
  HIPPOCRYPT_TRY(auto model, open_weights(spec));
  ModelBundle bundle{spec, std::move(model), std::move(tokenizer), special};
  HIPPOCRYPT_TRY_VOID(check_vocabulary(bundle));
  return bundle;
}

}  // namespace hippocrypt::model
