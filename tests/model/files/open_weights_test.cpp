#include "model/files/open_weights.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "model/model_fingerprint.hpp"
#include "tests/model/files/file_fixture.hpp"

namespace hippocrypt::model {
namespace {

TEST(OpenWeights, TellsFoldersAndGgufFilesApart) {
  const auto folder = reference_path("tiny_llama2_hf");
  const auto file = reference_path("tiny_llama.gguf");
  HIPPOCRYPT_NEED_REFERENCE(folder);
  HIPPOCRYPT_NEED_REFERENCE(file);
  EXPECT_EQ(open_weights(folder.string())->config->kv_heads, 4u);
  EXPECT_EQ(open_weights(file.string())->config->kv_heads, 2u);
  EXPECT_EQ(open_config(folder.string()).value()->kv_heads, 4u);
  EXPECT_EQ(open_config(file.string()).value()->kv_heads, 2u);
}

TEST(OpenWeights, ASinkMayTakeBlocksAsTheyAreRead) {
  for (const char* name : {"tiny_llama2_hf", "tiny_llama.gguf"}) {
    const auto path = reference_path(name);
    HIPPOCRYPT_NEED_REFERENCE(path);
    const Model whole = open_weights(path.string()).value();
    const std::uint32_t blocks = static_cast<std::uint32_t>(whole.config->blocks);
    std::vector<std::uint32_t> order;
    const auto read = open_weights(
        path.string(), [&](const ModelConfig& config, std::uint32_t block, BlockWeights& weights) {
          EXPECT_EQ(config.fingerprint(), whole.config.fingerprint());
          for (std::size_t g = 0; g < linear_group_count; ++g) {
            const std::span<const float> got = weights[g].values();
            const std::span<const float> want = whole.base.blocks[block][g].values();
            EXPECT_TRUE(std::equal(got.begin(), got.end(), want.begin(), want.end()));
          }
          order.push_back(block);
          if (block != 0) weights = {};
        });
    ASSERT_TRUE(read) << name;
    EXPECT_EQ(order.size(), blocks);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    ASSERT_GT(blocks, 1U);
    EXPECT_GT(read->base.blocks[0][0].size(), 0U);
    EXPECT_EQ(read->base.blocks[1][0].size(), 0U) << "what was taken stays away";
    const std::span<const float> got = read->client.embedding.values();
    const std::span<const float> want = whole.client.embedding.values();
    EXPECT_TRUE(std::equal(got.begin(), got.end(), want.begin(), want.end()));
  }
}

TEST(OpenWeights, NamesWeightsWithoutHoldingThem) {
  for (const char* name : {"tiny_llama2_hf", "tiny_llama.gguf"}) {
    const auto path = reference_path(name);
    HIPPOCRYPT_NEED_REFERENCE(path);
    Model model = open_weights(path.string()).value();
    for (const bool with_head : {false, true}) {
      if (with_head) offer_head(model);
      const Hash256 wanted = model_fingerprint(model.config, model.base);
      EXPECT_EQ(open_fingerprint(path.string(), with_head).value(), wanted) << name;
    }
    for (const bool with_head : {false, true}) {
      EXPECT_EQ(open_fingerprint(path.string(), with_head).value(),
                model_fingerprint(model, with_head));
    }
  }
  HIPPOCRYPT_EXPECT_ERROR(open_fingerprint("absent", false), Errc::not_found, "absent");
}

TEST(OpenWeights, SaysWhatItNeeds) {
  const TemporaryFolder folder;
  write_text(folder / "model.bin", "PK");
  HIPPOCRYPT_EXPECT_ERROR(open_weights((folder / "model.bin").string()), Errc::unsupported,
                          "is no GGUF file");
  HIPPOCRYPT_EXPECT_ERROR(open_weights((folder / "absent").string()), Errc::not_found, "absent");
  HIPPOCRYPT_EXPECT_ERROR(open_config((folder / "absent").string()), Errc::not_found, "absent");
  write_text(folder / "config.json", R"({"model_type": "mamba"})");
  HIPPOCRYPT_EXPECT_ERROR(open_config(folder.path().string()), Errc::unsupported, "mamba");
}

}  // namespace
}  // namespace hippocrypt::model
