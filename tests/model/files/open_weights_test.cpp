#include "model/files/open_weights.hpp"

#include <gtest/gtest.h>

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
