// The real model on text, tokenised with the vocabulary inside its own file.

#include <cmath>

#include "model/inference/perplexity.hpp"
#include "model/source/gguf_text.hpp"
#include "model/tokenizer/tokenizer_gguf.hpp"
#include "real_model.hpp"

namespace hippocrypt {
namespace {

using test_support::RealModel;
using test_support::reference_json;

/// Reading the vocabulary alone is faster than opening the model for it.
Result<model::Tokenizer> tokenizer_of(const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(const auto file, model::GgufFile::open(path));
  HIPPOCRYPT_TRY(auto vocabulary, model::read_gguf_vocabulary(file));
  return model::tokenizer_from_gguf(std::move(vocabulary), path.string());
}

TEST(RealText, PromptsHaveTheIdsOfTheReference) {
  HIPPOCRYPT_NEED_REAL_MODEL();
  const auto tokenizer = tokenizer_of(test_support::real_model_path);
  ASSERT_TRUE(tokenizer.has_value()) << to_string(tokenizer.error());
  for (const auto& item : reference_json("logits.json")) {
    const auto text = item.at("prompt").get<std::string>();
    EXPECT_EQ(*tokenizer->encode(text, {.parse_special = true}),
              item.at("ids").get<std::vector<model::TokenId>>())
        << text;
  }
}

TEST(RealText, HasThePerplexityOfTheReference) {
  HIPPOCRYPT_NEED_REAL_MODEL();
  const auto tokenizer = tokenizer_of(test_support::real_model_path);
  ASSERT_TRUE(tokenizer.has_value()) << to_string(tokenizer.error());
  const auto text = read_text_file(test_support::models_folder / "reference" / "text.txt", 1 << 20);
  const model::Json wanted = reference_json("perplexity.json");
  const std::vector<model::Tokens> documents{*tokenizer->encode(*text)};
  EXPECT_EQ(documents[0].size(), wanted.at("tokens").get<std::size_t>());
  const auto windows = model::windows_of(documents, 512, {});
  const RealModel real;
  const auto go_on = [](std::size_t) { return true; };
  const auto report = model::perplexity(real.transformer, nullptr, windows, 512, go_on);
  ASSERT_TRUE(report.has_value()) << to_string(report.error());
  EXPECT_EQ(report->predicted, wanted.at("predicted").get<std::size_t>());
  const double perplexity = wanted.at("perplexity").get<double>();
  EXPECT_NEAR(report->perplexity(), perplexity, 1e-4 * perplexity);
  const auto nll = wanted.at("window_mean_nll").get<std::vector<double>>();
  ASSERT_EQ(report->window_mean_nll.size(), nll.size());
  for (std::size_t i = 0; i < nll.size(); ++i) {
    EXPECT_NEAR(report->window_mean_nll[i], nll[i], 1e-4) << "window " << i;
  }
  RecordProperty("perplexity", std::to_string(report->perplexity()));
}

}  // namespace
}  // namespace hippocrypt
