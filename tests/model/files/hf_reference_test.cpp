// Published-style model folders made by another implementation, and its logits.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "model/files/hf_config.hpp"
#include "model/files/hf_model.hpp"
#include "model/files/json.hpp"
#include "model/plain_oracle.hpp"
#include "model/transformer.hpp"
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
  const auto folder = reference_path("tiny_llama2_hf");
  HIPPOCRYPT_NEED_REFERENCE(folder);
  const auto read = [&folder](const char* name) {
    return parse_hf_config(*read_text_file(folder / name, json_limit), name);
  };
  const auto newer = read("config.json"), older = read("config_v4.json");
  ASSERT_TRUE(newer.has_value() && older.has_value());
  EXPECT_EQ(ModelConfig::create(newer->literal)->fingerprint(),
            ModelConfig::create(older->literal)->fingerprint());
  EXPECT_EQ(newer->bos_token, older->bos_token);
}

TEST(HfModelReference, RefusesRopeScalingAndBiasesByName) {
  const auto scaled = reference_path("tiny_llama_hf");
  const auto biased = reference_path("tiny_qwen2_hf");
  HIPPOCRYPT_NEED_REFERENCE(scaled);
  HIPPOCRYPT_NEED_REFERENCE(biased);
  HIPPOCRYPT_EXPECT_ERROR(load_model_folder(scaled), Errc::unsupported,
                          "rope scaling of type llama3");
  const auto qwen = load_model_folder(biased);
  HIPPOCRYPT_EXPECT_ERROR(qwen, Errc::unsupported, "model_type qwen2");
  HIPPOCRYPT_EXPECT_ERROR(qwen, Errc::unsupported, "biases (tensor self_attn.k_proj.bias)");
  const auto older =
      parse_hf_config(*read_text_file(scaled / "config_v4.json", json_limit), "config_v4.json");
  ASSERT_TRUE(older.has_value());
  EXPECT_EQ(older->unsupported, std::vector<std::string>{"rope scaling of type llama3"});
}

TEST(HfModelReference, GivesTheLogitsOfTheReference) {
  const auto folder = reference_path("tiny_llama2_hf");
  const auto vectors = reference_path("logits_tiny.json");
  HIPPOCRYPT_NEED_REFERENCE(folder);
  HIPPOCRYPT_NEED_REFERENCE(vectors);
  const auto model = load_model_folder(folder);
  ASSERT_TRUE(model.has_value()) << to_string(model.error());
  const Json cases = *parse_json(*read_text_file(vectors, json_limit), "logits_tiny.json");
  PlainFp32Oracle oracle{model->base};
  const Transformer transformer{model->config, model->client, oracle};
  std::size_t compared = 0;
  float worst_of_all = 0.0f;
  for (const Json& item : cases) {
    if (item.at("model") != "tiny_llama2_hf") continue;
    Batch batch;
    append_sequence(batch, item.at("ids").get<std::vector<std::uint32_t>>(), 1.0f);
    const auto logits = transformer.logits(batch, nullptr, LogitPositions::all);
    ASSERT_TRUE(logits.has_value()) << to_string(logits.error());
    const auto positions = item.at("positions").get<std::vector<std::size_t>>();
    for (std::size_t p = 0; p < positions.size(); ++p) {
      float worst = 0.0f;
      const auto wanted = item.at("logits").at(p).get<std::vector<float>>();
      ASSERT_EQ(wanted.size(), logits->rows());
      for (std::size_t token = 0; token < wanted.size(); ++token) {
        worst = std::max(worst, std::abs(wanted[token] - (*logits)(token, positions[p])));
      }
      // The references differ among themselves by 2.3e-5 (fp32 against fp64).
      EXPECT_LE(worst, 1e-3f) << positions[p];
      worst_of_all = std::max(worst_of_all, worst);
      ++compared;
    }
  }
  EXPECT_GT(compared, 3u);
  RecordProperty("worst_difference", std::to_string(worst_of_all));
}

}  // namespace
}  // namespace hippocrypt::model
