// Published-style model folders made by another implementation; its logits are compared in
// reference_logits_test.cpp.

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "model/files/hf_config.hpp"
#include "model/files/hf_model.hpp"
#include "tests/model/files/file_fixture.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::size_t json_limit = std::size_t{4} << 20;

TEST(HfModelReference, LoadsATinyLlama) {
  const auto folder = reference_path("tiny_llama2_hf");
  HIPPOCRYPT_NEED_REFERENCE(folder);
  const auto model = load_model_folder(folder);
  ASSERT_TRUE(model.has_value()) << to_string(model.error());
  EXPECT_EQ(model->config->hidden, 64u);
  EXPECT_EQ(model->config->blocks, 2u);
  EXPECT_EQ(model->config->kv_heads, 4u);
  EXPECT_EQ(model->config->max_context, 2048u);
  EXPECT_EQ(model->base.at({1, LinearGroup::qkv}).rows(), 192u);
  EXPECT_EQ(model->base.at({0, LinearGroup::gate_up}).rows(), 352u);
  EXPECT_EQ(model->client.head.rows(), 4096u);
  // Two values straight from the file's bytes (F16, at their offsets), by this test's own reading.
  std::ifstream raw{folder / "model.safetensors", std::ios::binary};
  std::uint64_t header = 0;
  raw.read(reinterpret_cast<char*>(&header), 8);
  const auto half_at = [&](std::uint64_t offset) {
    std::uint16_t bits = 0;
    raw.seekg(static_cast<std::streamoff>(8 + header + offset));
    raw.read(reinterpret_cast<char*>(&bits), 2);
    const double sign = (bits & 0x8000u) != 0 ? -1.0 : 1.0;
    const int exponent = (bits >> 10) & 31;
    HIPPOCRYPT_CHECK(exponent != 0 && exponent != 31);
    return static_cast<float>(sign * std::ldexp(1024 + (bits & 1023), exponent - 25));
  };
  EXPECT_EQ(model->client.head(0, 0), half_at(0));
  EXPECT_EQ(model->client.embedding(3, 5), half_at(524288 + 2 * (3 * 64 + 5)));
  // k_proj of block 0 begins at 1116416 and is rows 64 to 127 of qkv.
  EXPECT_EQ(model->base.at({0, LinearGroup::qkv})(66, 1), half_at(1116416 + 2 * (2 * 64 + 1)));
}

TEST(HfModelReference, ReadsBothGenerationsOfConfigsAlike) {
  for (const char* name : {"tiny_llama2_hf", "tiny_llama_hf", "tiny_qwen2_hf"}) {
    const auto folder = reference_path(name);
    HIPPOCRYPT_NEED_REFERENCE(folder);
    const auto read = [&folder](const char* file) {
      return parse_hf_config(*read_text_file(folder / file, json_limit), file);
    };
    const auto newer = read("config.json"), older = read("config_v4.json");
    ASSERT_TRUE(newer.has_value() && older.has_value()) << name;
    EXPECT_TRUE(newer->unsupported.empty() && older->unsupported.empty()) << name;
    EXPECT_EQ(ModelConfig::create(newer->literal)->fingerprint(),
              ModelConfig::create(older->literal)->fingerprint());
    EXPECT_EQ(newer->bos_token, older->bos_token);
  }
}

}  // namespace
}  // namespace hippocrypt::model
