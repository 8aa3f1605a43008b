#include "model/source/open_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "base/file.hpp"
#include "model/pretrain.hpp"
#include "model/tokenizer/bpe_trainer.hpp"
#include "model/tokenizer/tokenizer_json.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::model {
namespace {

class OpenModelTest : public testing::Test {
 protected:
  /// A model of two blocks with `vocab` rows, and a tokenizer of 258 tokens.
  void write(std::size_t vocab) {
    ModelLiteral shape;
    shape.vocab = vocab;
    shape.hidden = 16;
    shape.blocks = 2;
    shape.heads = 2;
    shape.kv_heads = 1;
    shape.ffn = 24;
    shape.max_context = 32;
    const auto config = ModelConfig::create(shape).value();
    ASSERT_TRUE(save_model_folder(initial_model(config, 7), folder_.path(), {0, 1}));
    const std::vector<std::string> specials{"<|bos|>", "<|eos|>"};
    const auto tokenizer = train_bpe({}, 258, specials).value();
    ASSERT_TRUE(write_tokenizer_json(tokenizer, folder_.path() / "tokenizer.json"));
  }
  std::string spec() const { return folder_.path().string(); }

  test_support::TemporaryFolder folder_;
};

TEST_F(OpenModelTest, OpensAFolderWhole) {
  write(260);  // two rows of padding
  const auto bundle = open_model(spec()).value();
  EXPECT_EQ(bundle.name, spec());
  EXPECT_EQ(bundle.model.config->blocks, 2U);
  EXPECT_EQ(bundle.tokenizer.vocab_size(), 258U);
  EXPECT_EQ(bundle.special.bos, 0U);
  EXPECT_EQ(bundle.special.eos, 1U);
}

TEST_F(OpenModelTest, RefusesATokenizerOfAnotherModel) {
  write(200);
  const auto bundle = open_model(spec());
  ASSERT_FALSE(bundle.has_value());
  EXPECT_EQ(bundle.error().code, Errc::mismatch);
}

TEST_F(OpenModelTest, SaysThatThereIsNoModel) {
  const auto bundle = open_model((folder_.path() / "nowhere").string());
  ASSERT_FALSE(bundle.has_value());
  EXPECT_EQ(bundle.error().code, Errc::not_found);
}

TEST_F(OpenModelTest, ReadsTheChatTemplateBesideTheTokenizer) {
  write(260);
  EXPECT_EQ(open_model(spec()).value().chat_template, "");
  const auto write_text = [this](const char* name, std::string_view text) {
    ASSERT_TRUE(write_file_atomically(folder_.path() / name, as_bytes(text)));
  };
  write_text("tokenizer_config.json", R"({"chat_template": "one"})");
  EXPECT_EQ(open_model(spec()).value().chat_template, "one");
  write_text("tokenizer_config.json",
             R"({"chat_template": [{"name": "tool_use", "template": "tools"},
                                   {"name": "default", "template": "two"}]})");
  EXPECT_EQ(open_model(spec()).value().chat_template, "two");
  write_text("tokenizer_config.json", R"({"chat_template": 3})");
  const auto wrong = open_model(spec());
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, Errc::malformed);
  write_text("chat_template.jinja", "three");
  EXPECT_EQ(open_model(spec()).value().chat_template, "three");
}

TEST(OpenModelReferenceTest, AGgufFileIsTheFolderItWasMadeOf) {
  const std::filesystem::path reference =
      std::string{HIPPOCRYPT_SOURCE_DIR} + "/../shared/models/reference";
  if (!std::filesystem::exists(reference)) {
    ASSERT_STRNE(std::getenv("CI"), "true") << reference << " is missing";
    GTEST_SKIP() << "there are no reference files in " << reference;
  }
  const auto folder = open_model((reference / "tiny_llama_hf").string()).value();
  const auto file = open_model((reference / "tiny_llama.gguf").string()).value();
  EXPECT_EQ(file.special.bos, folder.special.bos);
  EXPECT_EQ(file.special.eos, folder.special.eos);
  const std::string text = "Patient 042: BP 120/80\n\tnaïve — ok";
  EXPECT_EQ(file.tokenizer.encode(text, {.add_special = true}).value(),
            folder.tokenizer.encode(text, {.add_special = true}).value());
  const auto same = [](const Matrix& a, const Matrix& b) {
    return std::equal(a.values().begin(), a.values().end(), b.values().begin(), b.values().end());
  };
  EXPECT_TRUE(same(file.model.client.embedding, folder.model.client.embedding));
  EXPECT_TRUE(same(file.model.base.blocks[1][0], folder.model.base.blocks[1][0]));
}

}  // namespace
}  // namespace hippocrypt::model
