// The families that a config.json may describe, and rope scaling.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "model/files/hf_config.hpp"
#include "model/files/hf_model.hpp"
#include "model/files/hf_rope.hpp"
#include "model/files/json.hpp"
#include "model/ops.hpp"
#include "tests/model/files/file_fixture.hpp"
#include "tests/model/files/model_fixture.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::size_t json_limit = std::size_t{4} << 20;

HfConfig config_with(Json changes) {
  Json config{{"model_type", "llama"},    {"vocab_size", 7},
              {"hidden_size", 8},         {"num_hidden_layers", 1},
              {"num_attention_heads", 2}, {"num_key_value_heads", 2},
              {"intermediate_size", 9},   {"max_position_embeddings", 100}};
  config.update(changes);
  return *parse_hf_config(json_text(config), "config.json");
}

RopeScaling llama3_scaling() { return {RopeScalingKind::llama3, 8.0, 1.0, 4.0, 512.0, {}}; }

TEST(HfFamily, ReadsBackBiasesAndRopeScaling) {
  const TemporaryFolder folder;
  const std::vector<RopeScaling> scalings{
      {}, {RopeScalingKind::linear, 2.5, 1.0, 4.0, 8192.0, {}}, llama3_scaling()};
  for (const RopeScaling& scaling : scalings) {
    for (const bool is_biased : {false, true}) {
      ModelLiteral literal = small_literal();
      literal.rope_scaling = scaling;
      literal.qkv_bias = is_biased;
      literal.tied_head = is_biased;
      const Model model = small_model(literal);
      ASSERT_TRUE(save_model_folder(model, folder.path()).has_value());
      const auto loaded = load_model_folder(folder.path());
      ASSERT_TRUE(loaded.has_value()) << to_string(loaded.error());
      expect_same(*loaded, model);
      const Json config = *parse_json(*read_text_file(folder / "config.json", json_limit), "c");
      EXPECT_EQ(config.at("model_type"), is_biased ? "qwen2" : "llama");
    }
  }
}

TEST(HfFamily, SaysTheBiasThatIsMissingOrForeign) {
  const TemporaryFolder folder;
  ASSERT_TRUE(save_model_folder(small_model(small_literal()), folder.path()).has_value());
  const auto change = [&](const char* key, const Json& value) {
    Json config = *parse_json(*read_text_file(folder / "config.json", json_limit), "c");
    config[key] = value;
    write_text(folder / "config.json", json_text(config));
  };
  change("model_type", "qwen2");
  HIPPOCRYPT_EXPECT_ERROR(load_model_folder(folder.path()), Errc::not_found,
                          "model.layers.0.self_attn.q_proj.bias");
  ModelLiteral biased = small_literal();
  biased.qkv_bias = true;
  ASSERT_TRUE(save_model_folder(small_model(biased), folder.path()).has_value());
  change("model_type", "llama");
  HIPPOCRYPT_EXPECT_ERROR(load_model_folder(folder.path()), Errc::unsupported,
                          "biases (tensor self_attn.q_proj.bias)");
}

TEST(HfFamily, TakesEachFamilysDefaults) {
  const auto parse = [](const std::string& type) {
    return parse_hf_config(R"({"model_type": ")" + type + R"(", "vocab_size": 7,
        "hidden_size": 64, "num_hidden_layers": 1, "num_attention_heads": 64,
        "intermediate_size": 9})",
                           "config.json")
        ->literal;
  };
  const ModelLiteral mistral = parse("mistral"), qwen = parse("qwen2");
  EXPECT_EQ(mistral.kv_heads, 8u);
  EXPECT_EQ(mistral.max_context, 4096u);  // the default window's
  EXPECT_FALSE(mistral.qkv_bias);
  EXPECT_EQ(qwen.kv_heads, 32u);
  EXPECT_EQ(qwen.max_context, 32768u);
  EXPECT_TRUE(qwen.qkv_bias);
  EXPECT_FALSE(qwen.tied_head);
}

TEST(HfFamily, CutsTheContextToAWindowThatIsUsed) {
  const auto context = [](Json changes) {
    return config_with(std::move(changes)).literal.max_context;
  };
  EXPECT_EQ(context({{"model_type", "mistral"}, {"sliding_window", nullptr}}), 100u);
  EXPECT_EQ(context({{"model_type", "mistral"}, {"sliding_window", 4096}}), 100u);
  EXPECT_EQ(context({{"model_type", "mistral"}, {"sliding_window", 30}}), 30u);
  EXPECT_EQ(context({{"model_type", "qwen2"}, {"sliding_window", 30}}), 100u);
  EXPECT_EQ(
      context({{"model_type", "qwen2"}, {"sliding_window", 30}, {"use_sliding_window", true}}),
      30u);
  EXPECT_EQ(context({{"model_type", "llama"}, {"sliding_window", 30}}), 100u);  // ignored there
  HIPPOCRYPT_EXPECT_ERROR(
      parse_hf_config(R"({"model_type": "mistral", "vocab_size": 7, "hidden_size": 8,
          "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 9,
          "sliding_window": 0})",
                      "config.json"),
      Errc::malformed, "sliding_window must be null or above 0");
}

TEST(HfFamily, ReadsRopeScalingOfBothGenerations) {
  const Json llama3{{"rope_type", "llama3"},  {"factor", 8.0},
                    {"low_freq_factor", 1.0}, {"high_freq_factor", 4.0},
                    {"rope_theta", 5e5},      {"original_max_position_embeddings", 512}};
  const ModelLiteral newer = config_with({{"rope_parameters", llama3}}).literal;
  const ModelLiteral older = config_with({{"rope_scaling", llama3}, {"rope_theta", 5e5}}).literal;
  for (const ModelLiteral& literal : {newer, older}) {
    EXPECT_EQ(literal.rope_theta, 5e5);
    EXPECT_EQ(literal.rope_scaling.kind, RopeScalingKind::llama3);
    EXPECT_EQ(literal.rope_scaling.factor, 8.0);
    EXPECT_EQ(literal.rope_scaling.original_context, 512.0);
  }
  const auto linear = config_with({{"rope_scaling", {{"type", "linear"}, {"factor", 2.0}}}});
  EXPECT_EQ(linear.literal.rope_scaling.kind, RopeScalingKind::linear);
  EXPECT_EQ(linear.literal.rope_scaling.factor, 2.0);
  for (const char* kind : {"yarn", "dynamic", "longrope", "mrope"}) {
    const auto other = config_with({{"rope_scaling", {{"rope_type", kind}, {"factor", 2.0}}}});
    EXPECT_EQ(other.unsupported,
              std::vector<std::string>{std::string{"rope scaling of type "} + kind});
  }
}

ModelLiteral rope_literal(std::size_t head_dim, double theta) {
  ModelLiteral literal = small_literal();
  literal.head_dim = head_dim;
  literal.rope_theta = theta;
  return literal;
}

/// The divisors that files of llama.cpp have for `scaling`, in float as its converter works.
std::vector<float> divisors_of(ModelLiteral literal, const RopeScaling& scaling) {
  std::vector<float> out;
  for (std::size_t pair = 0; pair < literal.head_dim / 2; ++pair) {
    const float exponent = float(2 * pair) / float(literal.head_dim);
    const float frequency = 1.0F / std::pow(float(literal.rope_theta), exponent);
    const float wavelength = 2.0F * std::acos(-1.0F) / frequency;
    const float turns = float(scaling.original_context) / wavelength;
    const float smooth = (turns - float(scaling.low_frequency)) /
                         float(scaling.high_frequency - scaling.low_frequency);
    const float factor = float(scaling.factor);
    out.push_back(smooth > 1.0F   ? 1.0F
                  : smooth < 0.0F ? factor
                                  : 1.0F / ((1.0F - smooth) / factor + smooth));
  }
  return out;
}

TEST(HfRope, FindsLlama3ParametersOfDivisors) {
  for (const auto& [head_dim, theta, factor, context] :
       {std::tuple{16u, 500000.0, 8.0, 512.0}, std::tuple{128u, 500000.0, 8.0, 8192.0},
        std::tuple{64u, 500000.0, 32.0, 8192.0}, std::tuple{64u, 10000.0, 4.0, 2304.0}}) {
    ModelLiteral literal = rope_literal(head_dim, theta);
    const RopeScaling wanted{RopeScalingKind::llama3, factor, 1.0, 4.0, context, {}};
    literal.rope_scaling = with_divisors(divisors_of(literal, wanted));
    const auto found = rope_without_divisors(literal);
    ASSERT_TRUE(found.has_value()) << to_string(found.error());
    EXPECT_EQ(found->kind, RopeScalingKind::llama3);
    EXPECT_EQ(found->factor, factor);
    EXPECT_EQ(found->original_context, context);
  }
}

TEST(HfRope, FindsNoScalingAndALinearOne) {
  ModelLiteral literal = rope_literal(8, 10000.0);
  literal.rope_scaling = with_divisors({1.0F, 1.0F, 1.0F, 1.0F});
  EXPECT_EQ(rope_without_divisors(literal)->kind, RopeScalingKind::none);
  literal.rope_scaling = with_divisors({3.0F, 3.0F, 3.0F, 3.0F});
  EXPECT_EQ(rope_without_divisors(literal)->kind, RopeScalingKind::linear);
  EXPECT_EQ(rope_without_divisors(literal)->factor, 3.0);
  literal.rope_scaling = with_divisors({8.0F, 1.0F, 3.0F, 2.0F});
  HIPPOCRYPT_EXPECT_ERROR(rope_without_divisors(literal), Errc::unsupported, "divisors");
}

TEST(HfRope, SavesAModelWithDivisorsAsLlama3) {
  const TemporaryFolder folder;
  ModelLiteral literal = rope_literal(16, 500000.0);
  literal.rope_scaling = with_divisors(divisors_of(literal, llama3_scaling()));
  ASSERT_TRUE(save_model_folder(small_model(literal), folder.path()).has_value());
  literal.rope_scaling = llama3_scaling();
  EXPECT_EQ(load_model_folder(folder.path())->config.fingerprint(),
            ModelConfig::create(literal)->fingerprint());
}

}  // namespace
}  // namespace hippocrypt::model
