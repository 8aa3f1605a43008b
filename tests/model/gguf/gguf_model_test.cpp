#include "model/files/gguf/gguf_model.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "gguf_builder.hpp"
#include "tests/model/files/file_fixture.hpp"
#include "tests/model/math/math_support.hpp"

namespace hippocrypt::model {
namespace {

using Change = std::function<void(GgufBuilder&)>;

ModelLiteral literal_of(Head head, bool is_biased) {
  ModelLiteral literal = tiny_literal(head);
  literal.head_dim = 6;  // three pairs, so that a transposed order differs from the right one
  literal.rms_epsilon = 1e-6;
  literal.qkv_bias = is_biased;
  return literal;
}

/// Rows of each head from two halves to pairs, the order in files of "llama".
std::vector<float> interleaved(std::span<const float> rows, std::size_t columns,
                               std::size_t head_dim) {
  std::vector<float> out;
  for (std::size_t head = 0; head * columns < rows.size(); head += head_dim) {
    for (std::size_t pair = 0; pair < head_dim / 2; ++pair) {
      for (const std::size_t row : {head + pair, head + pair + head_dim / 2}) {
        const auto values = rows.subspan(row * columns, columns);
        out.insert(out.end(), values.begin(), values.end());
      }
    }
  }
  return out;
}

void write_metadata(const ModelConfig& config, const std::string& architecture, GgufBuilder& file) {
  const auto number = [&](const char* key, std::size_t value) {
    file.u32(architecture + "." + key, static_cast<std::uint32_t>(value));
  };
  file.text("general.architecture", architecture);
  number("block_count", config->blocks);
  number("context_length", config->max_context);
  number("embedding_length", config->hidden);
  number("feed_forward_length", config->ffn);
  number("attention.head_count", config->heads);
  number("attention.head_count_kv", config->kv_heads);
  number("attention.key_length", config->head_dim);
  file.f32(architecture + ".attention.layer_norm_rms_epsilon",
           static_cast<float>(config->rms_epsilon));
}

void write_attention(const Model& model, std::size_t block, bool is_interleaved,
                     GgufBuilder& file) {
  const ModelConfig& config = model.config;
  const std::string stem = "blk." + std::to_string(block) + ".attn_";
  const Matrix& qkv = model.base.blocks[block][0];
  const std::size_t hidden = config->hidden;
  std::size_t row = 0;
  for (const char* name : {"q", "k", "v"}) {
    const std::size_t rows = *name == 'q' ? config.query_width() : config.kv_width();
    const bool turn = is_interleaved && *name != 'v';
    const auto weights = qkv.values().subspan(row * hidden, rows * hidden);
    file.floats(stem + name + ".weight", {hidden, rows},
                turn ? interleaved(weights, hidden, config->head_dim)
                     : std::vector<float>(weights.begin(), weights.end()));
    if (config->qkv_bias) {
      const auto bias = std::span{model.client.qkv_bias[block]}.subspan(row, rows);
      file.floats(stem + name + ".bias", {rows},
                  turn ? interleaved(bias, 1, config->head_dim)
                       : std::vector<float>(bias.begin(), bias.end()));
    }
    row += rows;
  }
  file.floats(stem + "output.weight", {config.query_width(), hidden},
              model.base.blocks[block][1].values());
}

/// The model as llama.cpp's converter would write it, all in F32. Tensors may be left out by name.
GgufBuilder file_of(
    const Model& model, const std::string& architecture,
    const Change& extra = [](GgufBuilder&) {}) {
  const ModelConfig& config = model.config;
  GgufBuilder file;
  write_metadata(config, architecture, file);
  const std::size_t hidden = config->hidden, ffn = config->ffn;
  file.floats("token_embd.weight", {hidden, config->vocab}, model.client.embedding.values());
  for (std::size_t b = 0; b < config->blocks; ++b) {
    const std::string stem = "blk." + std::to_string(b) + ".";
    file.floats(stem + "attn_norm.weight", {hidden}, model.client.attention_norm[b]);
    file.floats(stem + "ffn_norm.weight", {hidden}, model.client.ffn_norm[b]);
    write_attention(model, b, architecture != "qwen2", file);
    const auto gate_up = model.base.blocks[b][2].values();
    file.floats(stem + "ffn_gate.weight", {hidden, ffn}, gate_up.first(ffn * hidden));
    file.floats(stem + "ffn_up.weight", {hidden, ffn}, gate_up.last(ffn * hidden));
    file.floats(stem + "ffn_down.weight", {ffn, hidden}, model.base.blocks[b][3].values());
  }
  file.floats("output_norm.weight", {hidden}, model.client.final_norm);
  if (!config->tied_head) {
    file.floats("output.weight", {hidden, config->vocab}, model.client.head.values());
  }
  extra(file);
  return file;
}

void expect_same(const Matrix& a, const Matrix& b) {
  ASSERT_EQ(a.rows(), b.rows());
  EXPECT_TRUE(
      std::equal(a.values().begin(), a.values().end(), b.values().begin(), b.values().end()));
}

void expect_same_model(const Model& a, const Model& b) {
  EXPECT_EQ(a.config.fingerprint(), b.config.fingerprint());
  for (std::size_t block = 0; block < a.config->blocks; ++block) {
    for (std::size_t g = 0; g < linear_group_count; ++g) {
      expect_same(a.base.blocks.at(block)[g], b.base.blocks.at(block)[g]);
    }
  }
  expect_same(a.client.embedding, b.client.embedding);
  expect_same(a.client.head, b.client.head);
  EXPECT_EQ(a.client.attention_norm, b.client.attention_norm);
  EXPECT_EQ(a.client.ffn_norm, b.client.ffn_norm);
  EXPECT_EQ(a.client.final_norm, b.client.final_norm);
  EXPECT_EQ(a.client.qkv_bias, b.client.qkv_bias);
}

TEST(GgufModel, GivesTheModelThatWasWritten) {
  for (const char* architecture : {"llama", "mistral3", "qwen2"}) {
    for (const Head head : {Head::tied, Head::untied}) {
      for (const bool is_biased : {false, true}) {
        const Model model = tiny_model(config_of(literal_of(head, is_biased)));
        const auto file = file_of(model, architecture).parse();
        ASSERT_TRUE(file.has_value()) << to_string(file.error());
        for (const std::size_t threads : {1U, 3U}) {
          const auto loaded = load_gguf_model(*file, threads);
          ASSERT_TRUE(loaded.has_value()) << to_string(loaded.error());
          ASSERT_TRUE(check_weights(*loaded).has_value());
          expect_same_model(*loaded, model);
        }
      }
    }
  }
}

/// What loading a tiny llama gives when `change` has added to its file.
Result<Model> loaded_with(const Change& change, const std::string& architecture = "llama") {
  const Model model = tiny_model(config_of(literal_of(Head::tied, false)));
  HIPPOCRYPT_TRY(const GgufFile file, file_of(model, architecture, change).parse());
  return load_gguf_model(file);
}

TEST(GgufModel, ReadsRotarySettings) {
  const auto rope = [](const Change& change) { return loaded_with(change)->config.literal(); };
  EXPECT_EQ(rope([](auto&) {}).rope_theta, 10000.0);
  EXPECT_EQ(rope([](auto& f) { f.f32("llama.rope.freq_base", 5e5F); }).rope_theta, 5e5);
  const auto linear = rope([](auto& f) {
    f.text("llama.rope.scaling.type", "linear");
    f.f32("llama.rope.scaling.factor", 4.0F);
  });
  EXPECT_EQ(linear.rope_scaling.kind, RopeScalingKind::linear);
  EXPECT_EQ(linear.rope_scaling.factor, 4.0);
  const auto older = rope([](auto& f) { f.f32("llama.rope.scale_linear", 2.0F); });
  EXPECT_EQ(older.rope_scaling.kind, RopeScalingKind::linear);
  EXPECT_EQ(older.rope_scaling.factor, 2.0);
  const std::vector<float> divisors{1.0F, 2.5F, 8.0F};
  const auto factors = rope([&](auto& f) { f.floats("rope_freqs.weight", {3}, divisors); });
  EXPECT_EQ(factors.rope_scaling.kind, RopeScalingKind::factors);
  EXPECT_EQ(factors.rope_scaling.divisors, divisors);
}

TEST(GgufModel, IgnoresWhatChangesNothing) {
  const auto loaded = loaded_with([](GgufBuilder& file) {
    file.u32("llama.attention.sliding_window", 64);
    file.u32("llama.rope.dimension_count", 6);
    file.u32("llama.expert_count", 0);
    file.text("llama.rope.scaling.type", "none");
    const std::vector<float> table(3);
    file.floats("blk.0.attn_rot_embd.weight", {3}, table);
  });
  ASSERT_TRUE(loaded.has_value()) << to_string(loaded.error());
  EXPECT_EQ(loaded->config->rope_scaling.kind, RopeScalingKind::none);
}

TEST(GgufModel, CutsTheContextToASlidingWindow) {
  const auto loaded =
      loaded_with([](auto& file) { file.u32("llama.attention.sliding_window", 16); });
  EXPECT_EQ(loaded->config->max_context, 16u);
}

TEST(GgufModel, NamesEverythingUnsupportedAtOnce) {
  const std::vector<float> one(1);
  HIPPOCRYPT_EXPECT_ERROR(loaded_with([](auto& file) { file.u32("split.count", 3); }),
                          Errc::unsupported, "split over 3 files");
  const auto more = loaded_with([&](GgufBuilder& file) {
    file.text("llama.rope.scaling.type", "yarn");
    file.u32("llama.expert_count", 8);
    file.u32("llama.attention.value_length", 4);
    file.u32("llama.rope.dimension_count", 2);
    file.flag("llama.attention.causal", false);
    file.f32("llama.logit_scale", 2.0F);
    file.floats("blk.0.attn_q_norm.weight", {1}, one);
    file.floats("blk.1.attn_q_norm.weight", {1}, one);
    file.floats("blk.0.attn_output.bias", {1}, one);
    file.floats("cls.weight", {1}, one);
    file.tensor("rope_freqs.weight", {256}, 23, as_bytes("x"));
  });
  for (const char* reason :
       {"rope scaling of type yarn", "a mixture of 8 experts", "values of another length than keys",
        "a part of each head", "without a causal mask", "the setting llama.logit_scale",
        "tensor attn_q_norm.weight", "tensor attn_output.bias", "tensor cls.weight",
        "tensors of type IQ4_XS"}) {
    HIPPOCRYPT_EXPECT_ERROR(more, Errc::unsupported, reason);
  }
  const std::vector<float> divisors(3, 1.0F);
  HIPPOCRYPT_EXPECT_ERROR(loaded_with([&](GgufBuilder& file) {
                            file.f32("llama.rope.scaling.factor", 2.0F);
                            file.floats("rope_freqs.weight", {3}, divisors);
                          }),
                          Errc::unsupported, "linear rope scaling together with");
  HIPPOCRYPT_EXPECT_ERROR(
      loaded_with([](auto& file) { file.list("llama.attention.sliding_window", 7, 0); }),
      Errc::unsupported, "sliding-window attention");
  HIPPOCRYPT_EXPECT_ERROR(loaded_with([](auto&) {}, "gemma3"), Errc::unsupported,
                          "architecture gemma3 (llama, mistral3 and qwen2 are)");
  HIPPOCRYPT_EXPECT_ERROR(loaded_with([](auto& file) { file.text("general.type", "adapter"); }),
                          Errc::unsupported, "a file of type adapter");
}

TEST(GgufModel, ListsNoMoreThanAFewOfManyForeignTensors) {
  const std::vector<float> one(1);
  const auto loaded = loaded_with([&](GgufBuilder& file) {
    for (int i = 0; i < 200; ++i) file.floats("foreign" + std::to_string(i), {1}, one);
  });
  HIPPOCRYPT_EXPECT_ERROR(loaded, Errc::unsupported, "foreign100");
  EXPECT_LT(loaded.error().detail.size(), 800u);
}

TEST(GgufModel, RefusesMetadataThatDoesNotFit) {
  const auto changed = [](const char* key, std::uint32_t value) {
    Model model = tiny_model(config_of(literal_of(Head::tied, false)));
    GgufBuilder file;
    file.text("general.architecture", "llama");
    const std::vector<std::pair<std::string, std::uint32_t>> sizes{
        {"block_count", 2},          {"context_length", 64},      {"embedding_length", 8},
        {"feed_forward_length", 10}, {"attention.head_count", 4}, {"attention.head_count_kv", 2},
        {"attention.key_length", 6}};
    for (const auto& [name, size] : sizes) file.u32("llama." + name, name == key ? value : size);
    if (std::string_view{key} != "epsilon") {
      file.f32("llama.attention.layer_norm_rms_epsilon", 1e-6F);
    }
    const std::vector<float> embedding(88);
    file.floats("token_embd.weight", {8, 11}, embedding);
    return load_gguf_model(*file.parse());
  };
  HIPPOCRYPT_EXPECT_ERROR(changed("epsilon", 0), Errc::malformed, "rms_epsilon is missing");
  HIPPOCRYPT_EXPECT_ERROR(changed("embedding_length", 9), Errc::mismatch, "token_embd.weight");
  HIPPOCRYPT_EXPECT_ERROR(changed("attention.head_count", 0), Errc::out_of_range, "heads");
  HIPPOCRYPT_EXPECT_ERROR(changed("attention.head_count_kv", 3), Errc::out_of_range, "kv_heads");
  HIPPOCRYPT_EXPECT_ERROR(changed("block_count", 1U << 31), Errc::out_of_range, "blocks");
  HIPPOCRYPT_EXPECT_ERROR(changed("feed_forward_length", 1U << 17), Errc::not_found,
                          "blk.0.attn_norm.weight");
}

TEST(GgufModel, RefusesTensorsThatDoNotFit) {
  const std::vector<float> values(64);
  HIPPOCRYPT_EXPECT_ERROR(loaded_with([&](auto& file) {
                            file.floats("rope_freqs.weight", {4}, std::span{values}.first(4));
                          }),
                          Errc::mismatch, "rope_freqs.weight has shape (4); (3) is needed");
  HIPPOCRYPT_EXPECT_ERROR(loaded_with([&](auto& file) {
                            file.floats("rope_freqs.weight", {3}, std::span{values}.first(3));
                          }),
                          Errc::out_of_range, "divisor");
  HIPPOCRYPT_EXPECT_ERROR(loaded_with([&](auto& file) {
                            file.floats("output.weight", {8, 8}, values);
                          }),
                          Errc::mismatch, "output.weight");
  HIPPOCRYPT_EXPECT_ERROR(loaded_with([&](auto& file) {
                            file.floats("blk.1.attn_q.bias", {24}, std::span{values}.first(24));
                          }),
                          Errc::not_found, "blk.0.attn_q.bias");
  Model model = tiny_model(config_of(literal_of(Head::tied, false)));
  model.base.blocks[1][3](2, 3) = std::numeric_limits<float>::quiet_NaN();
  HIPPOCRYPT_EXPECT_ERROR(load_gguf_model(*file_of(model, "llama").parse()), Errc::not_finite,
                          "blk.1.ffn_down.weight");
  model = tiny_model(config_of(literal_of(Head::tied, false)));
  model.base.blocks[0][0](1, 1) = std::numeric_limits<float>::quiet_NaN();
  HIPPOCRYPT_EXPECT_ERROR(load_gguf_model(*file_of(model, "llama").parse()), Errc::not_finite,
                          "blk.0.attn_q.weight");
}

TEST(GgufModel, OpensAFile) {
  const TemporaryFolder folder;
  const Model model = tiny_model(config_of(literal_of(Head::untied, false)));
  ASSERT_TRUE(
      write_file_atomically(folder / "m.gguf", file_of(model, "llama").build()).has_value());
  const auto loaded = load_gguf_model(folder / "m.gguf");
  ASSERT_TRUE(loaded.has_value()) << to_string(loaded.error());
  expect_same_model(*loaded, model);
  HIPPOCRYPT_EXPECT_ERROR(load_gguf_model(folder / "none.gguf"), Errc::not_found, "none.gguf");
}

}  // namespace
}  // namespace hippocrypt::model
