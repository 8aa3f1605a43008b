#include "model/source/open_model.hpp"

#include <gtest/gtest.h>

#include <filesystem>

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

}  // namespace
}  // namespace hippocrypt::model
