// Logits of other software on small models of each family, from folders and from a GGUF file.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "model/files/hf_model.hpp"
#include "model/files/json.hpp"
#include "model/files/open_weights.hpp"
#include "model/plain_oracle.hpp"
#include "model/transformer.hpp"
#include "tests/model/files/file_fixture.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::size_t json_limit = std::size_t{4} << 20;

/// The reference's own fp32 differs from fp64 by up to 1.7e-5; logits have a deviation of 2.5.
constexpr float tolerance = 1e-4F;

std::size_t largest(std::span<const float> column) {
  return static_cast<std::size_t>(std::max_element(column.begin(), column.end()) - column.begin());
}

/// Compares every case of `name` in logits_tiny.json; returns the largest difference.
float compare_logits(const Model& model, const std::string& name, const Json& cases) {
  PlainFp32Oracle oracle{model.base};
  const Transformer transformer{model.config, model.client, oracle};
  float worst = 0.0F;
  std::size_t compared = 0;
  for (const Json& item : cases) {
    if (item.at("model") != name) continue;
    Batch batch;
    append_sequence(batch, item.at("ids").get<std::vector<std::uint32_t>>(), 1.0F);
    const auto logits = transformer.logits(batch, nullptr, LogitPositions::all);
    EXPECT_TRUE(logits.has_value()) << to_string(logits.error());
    const auto positions = item.at("positions").get<std::vector<std::size_t>>();
    const auto argmax = item.at("argmax").get<std::vector<std::size_t>>();
    std::vector<float> column(logits->rows());
    for (std::size_t p = 0; p < positions.size(); ++p) {
      for (std::size_t v = 0; v < column.size(); ++v) column[v] = (*logits)(v, positions[p]);
      EXPECT_EQ(largest(column), argmax.at(p)) << name << " position " << positions[p];
      const auto wanted = item.at("logits").at(p).get<std::vector<float>>();
      EXPECT_EQ(wanted.size(), column.size());
      for (std::size_t v = 0; v < wanted.size(); ++v) {
        worst = std::max(worst, std::abs(wanted[v] - column[v]));
      }
      ++compared;
    }
  }
  EXPECT_GT(compared, 3u) << name;
  return worst;
}

class ReferenceLogits : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(ReferenceLogits, AreReproduced) {
  const auto [spec, name] = GetParam();
  const auto path = reference_path(spec);
  const auto vectors = reference_path("logits_tiny.json");
  HIPPOCRYPT_NEED_REFERENCE(path);
  HIPPOCRYPT_NEED_REFERENCE(vectors);
  const auto model = open_weights(path.string());
  ASSERT_TRUE(model.has_value()) << to_string(model.error());
  const Json cases = *parse_json(*read_text_file(vectors, json_limit), "logits_tiny.json");
  const float worst = compare_logits(*model, name, cases);
  EXPECT_LE(worst, tolerance);
  RecordProperty("worst_difference", std::to_string(worst));

  // Saved as a folder and read back, the model is the same: rope divisors become parameters.
  const TemporaryFolder folder;
  ASSERT_TRUE(save_model_folder(*model, folder.path()).has_value());
  const auto again = load_model_folder(folder.path());
  ASSERT_TRUE(again.has_value()) << to_string(again.error());
  EXPECT_LE(compare_logits(*again, name, cases), tolerance);
}

INSTANTIATE_TEST_SUITE_P(Families, ReferenceLogits,
                         testing::Values(std::pair{"tiny_llama_hf", "tiny_llama_hf"},
                                         std::pair{"tiny_llama.gguf", "tiny_llama_hf"},
                                         std::pair{"tiny_qwen2_hf", "tiny_qwen2_hf"},
                                         std::pair{"tiny_llama2_hf", "tiny_llama2_hf"}),
                         [](const auto& each) {
                           std::string name{each.param.first};
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

TEST(ReferenceFolders, AFileAndAFolderOfTheSameModelAreEqual) {
  const auto folder = reference_path("tiny_llama_hf");
  const auto file = reference_path("tiny_llama.gguf");
  HIPPOCRYPT_NEED_REFERENCE(folder);
  HIPPOCRYPT_NEED_REFERENCE(file);
  const auto a = open_weights(folder.string()), b = open_weights(file.string());
  ASSERT_TRUE(a.has_value() && b.has_value());
  for (std::size_t block = 0; block < a->config->blocks; ++block) {
    for (std::size_t g = 0; g < linear_group_count; ++g) {
      const auto x = a->base.blocks[block][g].values(), y = b->base.blocks[block][g].values();
      EXPECT_TRUE(std::equal(x.begin(), x.end(), y.begin(), y.end())) << block << " " << g;
    }
  }
  EXPECT_EQ(a->config->rms_epsilon, b->config->rms_epsilon);
  // Once its divisors are said as parameters, the file's config is the folder's.
  const TemporaryFolder saved;
  ASSERT_TRUE(save_model_folder(*b, saved.path()).has_value());
  EXPECT_EQ(load_model_folder(saved.path())->config.fingerprint(), a->config.fingerprint());
}

}  // namespace
}  // namespace hippocrypt::model
