#include "model/files/hf_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <set>

#include "model/files/hf_config.hpp"
#include "model/files/json.hpp"
#include "tests/model/files/file_fixture.hpp"
#include "tests/model/files/model_fixture.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::size_t json_limit = std::size_t{4} << 20;

class HfModelTest : public testing::Test {
 protected:
  /// Saves a small model, then changes its config.json.
  void save_with(const std::function<void(Json&)>& change) {
    ASSERT_TRUE(save_model_folder(small_model(small_literal()), folder_.path()).has_value());
    Json config = *parse_json(*read_text_file(folder_ / "config.json", json_limit), "config");
    change(config);
    write_text(folder_ / "config.json", json_text(config));
  }
  /// Every tensor of the saved model, to be written again in another way.
  std::map<std::string, std::pair<std::vector<std::uint64_t>, std::vector<float>>> tensors() {
    std::map<std::string, std::pair<std::vector<std::uint64_t>, std::vector<float>>> out;
    auto file = SafetensorsFile::open(folder_ / "model.safetensors").value();
    for (const auto& [name, info] : file.tensors()) {
      std::vector<float> values((info.end - info.begin) / 4);
      HIPPOCRYPT_CHECK(file.read_into(name, values).has_value());
      out[name] = {info.shape, values};
    }
    return out;
  }

  TemporaryFolder folder_;
};

TEST_F(HfModelTest, ReadsBackWhatItWrites) {
  for (const bool tied : {false, true}) {
    ModelLiteral literal = small_literal();
    literal.tied_head = tied;
    const Model model = small_model(literal);
    ASSERT_TRUE(save_model_folder(model, folder_.path(), {.tokens = {1, 2}}).has_value());
    const auto loaded = load_model_folder(folder_.path());
    ASSERT_TRUE(loaded.has_value()) << to_string(loaded.error());
    expect_same(*loaded, model);
    const auto tokens = load_special_token_ids(folder_.path());
    ASSERT_TRUE(tokens.has_value());
    EXPECT_EQ(tokens->bos, 1u);
    EXPECT_EQ(tokens->eos, 2u);
    auto file = SafetensorsFile::open(folder_ / "model.safetensors").value();
    EXPECT_EQ(file.contains("lm_head.weight"), !tied);
  }
}

TEST_F(HfModelTest, StacksTheProjectionsByRows) {
  const Model model = small_model(small_literal());
  ASSERT_TRUE(save_model_folder(model, folder_.path()).has_value());
  auto file = SafetensorsFile::open(folder_ / "model.safetensors").value();
  const Matrix& qkv = model.base.at({1, LinearGroup::qkv});
  const Matrix k = *file.read_matrix("model.layers.1.self_attn.k_proj.weight");
  const Matrix v = *file.read_matrix("model.layers.1.self_attn.v_proj.weight");
  const Matrix up = *file.read_matrix("model.layers.1.mlp.up_proj.weight");
  ASSERT_EQ(k.rows(), 8u);
  EXPECT_EQ(k(0, 3), qkv(16, 3));
  EXPECT_EQ(v(7, 0), qkv(31, 0));
  EXPECT_EQ(up(11, 5), model.base.at({1, LinearGroup::gate_up})(23, 5));
}

TEST_F(HfModelTest, ReadsShards) {
  const Model model = small_model(small_literal());
  ASSERT_TRUE(save_model_folder(model, folder_.path()).has_value());
  const auto all = tensors();
  std::vector<NamedTensor> first, second;
  Json map = Json::object();
  for (const auto& [name, tensor] : all) {
    auto& half = first.size() < all.size() / 2 ? first : second;
    map[name] = &half == &first ? "one.safetensors" : "two.safetensors";
    half.push_back({name, tensor.first, tensor.second});
  }
  std::filesystem::remove(folder_ / "model.safetensors");
  HIPPOCRYPT_EXPECT_ERROR(load_model_folder(folder_.path()), Errc::not_found, "neither");
  ASSERT_TRUE(write_safetensors(folder_ / "one.safetensors", first).has_value());
  ASSERT_TRUE(write_safetensors(folder_ / "two.safetensors", second).has_value());
  const auto index = folder_ / "model.safetensors.index.json";
  write_text(index, json_text({{"weight_map", map}}));
  const auto loaded = load_model_folder(folder_.path());
  ASSERT_TRUE(loaded.has_value()) << to_string(loaded.error());
  expect_same(*loaded, model);

  Json wrong = map;
  wrong["model.norm.weight"] = "one.safetensors";
  write_text(index, json_text({{"weight_map", wrong}}));
  HIPPOCRYPT_EXPECT_ERROR(load_model_folder(folder_.path()), Errc::malformed, "model.norm.weight");
  for (const char* name : {"../one.safetensors", "/one", "..", "", "a\\b"}) {
    wrong["model.norm.weight"] = name;
    write_text(index, json_text({{"weight_map", wrong}}));
    HIPPOCRYPT_EXPECT_ERROR(load_model_folder(folder_.path()), Errc::malformed, "same folder");
  }
  Json many = Json::object();
  for (std::size_t i = 0; i <= max_shards; ++i) many[std::to_string(i)] = std::to_string(i);
  write_text(index, json_text({{"weight_map", many}}));
  HIPPOCRYPT_EXPECT_ERROR(load_model_folder(folder_.path()), Errc::limit_exceeded, "names more");
  ASSERT_TRUE(write_safetensors(folder_ / "two.safetensors", first).has_value());
  write_text(index, json_text({{"weight_map", map}}));
  HIPPOCRYPT_EXPECT_ERROR(load_model_folder(folder_.path()), Errc::malformed, "two files");
}

TEST_F(HfModelTest, DividesLargeModelsAndNarrowsValues) {
  Model model = small_model(small_literal());
  for (const std::uint64_t shard_bytes : {std::uint64_t{1}, std::uint64_t{700}}) {
    for (const TensorDtype dtype : {TensorDtype::f32, TensorDtype::bf16, TensorDtype::f16}) {
      ASSERT_TRUE(
          save_model_folder(model, folder_.path(), {.dtype = dtype, .shard_bytes = shard_bytes})
              .has_value());
      EXPECT_FALSE(std::filesystem::exists(folder_ / "model.safetensors"));
      const auto loaded = load_model_folder(folder_.path());
      ASSERT_TRUE(loaded.has_value()) << to_string(loaded.error());
      const float bound = dtype == TensorDtype::f32   ? 0.0F
                          : dtype == TensorDtype::f16 ? 0x1p-11F
                                                      : 0x1p-8F;
      const Matrix &wanted = model.base.at({1, LinearGroup::down}),
                   &got = loaded->base.at({1, LinearGroup::down});
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        const float value = wanted.values()[i];
        EXPECT_NEAR(got.values()[i], value, std::abs(value) * bound);
      }
      const Json config = *parse_json(*read_text_file(folder_ / "config.json", json_limit), "c");
      EXPECT_EQ(config.at("torch_dtype"), dtype == TensorDtype::f32   ? "float32"
                                          : dtype == TensorDtype::f16 ? "float16"
                                                                      : "bfloat16");
    }
  }
  const Json index =
      *parse_json(*read_text_file(folder_ / "model.safetensors.index.json", json_limit), "index");
  std::set<std::string> files;
  std::uint64_t bytes = 0;
  for (const auto& [name, file] : index.at("weight_map").items()) {
    files.insert(file.get<std::string>());
  }
  EXPECT_GT(files.size(), 2u);
  for (const std::string& file : files) {
    const auto opened = SafetensorsFile::open(folder_ / file);
    ASSERT_TRUE(opened.has_value());
    std::uint64_t in_file = 0;
    for (const auto& [name, info] : opened->tensors()) in_file += info.end - info.begin;
    EXPECT_TRUE(in_file <= 700 || opened->tensors().size() == 1) << file;
    bytes += in_file;
  }
  EXPECT_EQ(index.at("metadata").at("total_size"), bytes);

  // Written again as one file, the index of the shards does not stay beside it.
  ASSERT_TRUE(save_model_folder(model, folder_.path()).has_value());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "model.safetensors.index.json"));
  const auto whole = load_model_folder(folder_.path());
  ASSERT_TRUE(whole.has_value()) << to_string(whole.error());
  expect_same(*whole, model);
  model.client.final_norm[0] = 1e6F;
  HIPPOCRYPT_EXPECT_ERROR(save_model_folder(model, folder_.path(), {.dtype = TensorDtype::f16}),
                          Errc::out_of_range, "model.norm.weight");
}

TEST_F(HfModelTest, TakesTheDefaultsOfAbsentKeys) {
  const auto config = parse_hf_config(R"({"model_type": "llama", "vocab_size": 7,
      "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
      "intermediate_size": 9, "eos_token_id": [4, 5]})",
                                      "config.json");
  ASSERT_TRUE(config.has_value()) << to_string(config.error());
  EXPECT_EQ(config->literal.kv_heads, 2u);
  EXPECT_EQ(config->literal.head_dim, 0u);
  EXPECT_EQ(config->literal.max_context, 2048u);
  EXPECT_EQ(config->literal.rope_theta, 10000.0);
  EXPECT_EQ(config->literal.rms_epsilon, 1e-6);
  EXPECT_FALSE(config->literal.tied_head);
  EXPECT_EQ(config->eos_token, 4u);
  EXPECT_FALSE(config->bos_token.has_value());
}

TEST_F(HfModelTest, RefusesMalformedConfigs) {
  const std::vector<std::pair<const char*, Json>> changes{
      {"hidden_size", nullptr},
      {"hidden_size", "8"},
      {"hidden_size", -8},
      {"hidden_size", 8.0},
      {"num_hidden_layers", "x"},
      {"model_type", 3},
      {"tie_word_embeddings", 1},
      {"rope_theta", "big"},
      {"rope_scaling", 4},
      {"rope_scaling", {{"type", "linear"}}},
      {"rope_scaling", {{"rope_type", "llama3"}, {"factor", 8.0}}},
      {"eos_token_id", "</s>"},
      {"bos_token_id", {"<s>"}},
      {"attention_bias", "no"},
      {"rope_parameters", {{"rope_type", 3}}}};
  for (const auto& [key, value] : changes) {
    save_with([&, name = key, &changed = value](Json& config) { config[name] = changed; });
    HIPPOCRYPT_EXPECT_ERROR(load_model_folder(folder_.path()), Errc::malformed, "");
  }
  write_text(folder_ / "config.json", "{");
  HIPPOCRYPT_EXPECT_ERROR(load_model_folder(folder_.path()), Errc::malformed, "config.json");
  write_text(folder_ / "config.json", std::string(100, '['));
  HIPPOCRYPT_EXPECT_ERROR(load_model_folder(folder_.path()), Errc::limit_exceeded, "config.json");
  std::filesystem::remove(folder_ / "config.json");
  HIPPOCRYPT_EXPECT_ERROR(load_model_folder(folder_.path()), Errc::not_found, "config.json");
}

TEST_F(HfModelTest, NamesEverythingUnsupportedAtOnce) {
  save_with([](Json& config) {
    config["model_type"] = "gemma";
    config["hidden_act"] = "gelu";
    config["attention_bias"] = true;
    config["quantization_config"] = Json::object();
    config["partial_rotary_factor"] = 0.5;
    config["rope_scaling"] = {{"type", "yarn"}, {"factor", 2.0}};
    config.erase("hidden_size");
  });
  const auto loaded = load_model_folder(folder_.path());
  for (const char* reason : {"gemma", "gelu", "attention_bias", "quantised", "a part of each head",
                             "rope scaling of type yarn"}) {
    HIPPOCRYPT_EXPECT_ERROR(loaded, Errc::unsupported, reason);
  }
  HIPPOCRYPT_EXPECT_ERROR(load_special_token_ids(folder_.path()), Errc::unsupported, "gemma");
  save_with([](Json& config) {
    config["rope_parameters"] = {{"full_attention", {{"rope_type", "default"}}}};
  });
  HIPPOCRYPT_EXPECT_ERROR(load_model_folder(folder_.path()), Errc::unsupported, "kind of layer");
}

TEST_F(HfModelTest, RefusesTensorsThatALlamaModelDoesNotHave) {
  ASSERT_TRUE(save_model_folder(small_model(small_literal()), folder_.path()).has_value());
  auto all = tensors();
  all["model.layers.0.self_attn.q_norm.weight"] = {{1}, {1.0f}};
  all["model.layers.1.self_attn.q_proj.bias"] = {{1}, {1.0f}};
  all["model.layers.1.self_attn.rotary_emb.inv_freq"] = {{1}, {1.0f}};
  std::vector<NamedTensor> list;
  for (const auto& [name, tensor] : all) list.push_back({name, tensor.first, tensor.second});
  ASSERT_TRUE(write_safetensors(folder_ / "model.safetensors", list).has_value());
  const auto loaded = load_model_folder(folder_.path());
  HIPPOCRYPT_EXPECT_ERROR(loaded, Errc::unsupported, "self_attn.q_norm.weight");
  HIPPOCRYPT_EXPECT_ERROR(loaded, Errc::unsupported, "biases (tensor self_attn.q_proj.bias)");
  EXPECT_EQ(loaded.error().detail.find("inv_freq"), std::string::npos);
}

TEST_F(HfModelTest, RefusesWeightsThatDoNotFitTheConfig) {
  save_with([](Json& config) { config["vocab_size"] = 12; });
  HIPPOCRYPT_EXPECT_ERROR(load_model_folder(folder_.path()), Errc::mismatch, "embed_tokens");
  save_with([](Json& config) { config["num_key_value_heads"] = 4; });
  HIPPOCRYPT_EXPECT_ERROR(load_model_folder(folder_.path()), Errc::mismatch, "k_proj");
  save_with([](Json& config) { config["num_hidden_layers"] = 1000; });
  HIPPOCRYPT_EXPECT_ERROR(load_model_folder(folder_.path()), Errc::not_found, "layers.2.");
  save_with([](Json& config) { config["num_attention_heads"] = 0; });
  HIPPOCRYPT_EXPECT_ERROR(load_model_folder(folder_.path()), Errc::out_of_range, "heads");
  save_with([](Json&) {});
  HIPPOCRYPT_EXPECT_ERROR(load_model_folder(folder_.path(), 64), Errc::limit_exceeded, "64");
}

TEST_F(HfModelTest, NamesAWeightThatIsNotFinite) {
  ASSERT_TRUE(save_model_folder(small_model(small_literal()), folder_.path()).has_value());
  const std::string name = "model.layers.0.mlp.up_proj.weight";
  const auto path = folder_ / "model.safetensors";
  // The last value of the tensor; the data ends where the file does.
  const auto file = SafetensorsFile::open(path);
  const TensorInfo& place = file->tensors().at(name);
  std::uint64_t data_bytes = 0;
  for (const auto& [other, info] : file->tensors()) data_bytes = std::max(data_bytes, info.end);
  const std::uint64_t at = std::filesystem::file_size(path) - data_bytes + place.end - 4;
  std::fstream out{path, std::ios::binary | std::ios::in | std::ios::out};
  out.seekp(static_cast<std::streamoff>(at));
  out.write("\x00\x00\xC0\x7F", 4);
  out.close();
  HIPPOCRYPT_EXPECT_ERROR(load_model_folder(folder_.path()), Errc::not_finite, name);
}

TEST_F(HfModelTest, WillNotSaveWhatItCouldNotReadBack) {
  Model broken = small_model(small_literal());
  broken.client.ffn_norm[1][2] = std::nanf("");
  HIPPOCRYPT_EXPECT_ERROR(save_model_folder(broken, folder_.path()), Errc::not_finite,
                          "model.layers.1.post_attention_layernorm.weight");
  ModelLiteral scaled = small_literal();
  scaled.rope_scaling = with_divisors({1.0F, 0.5F});
  HIPPOCRYPT_EXPECT_ERROR(save_model_folder(small_model(scaled), folder_.path()), Errc::unsupported,
                          "divisors");
  write_text(folder_ / "file", "x");
  HIPPOCRYPT_EXPECT_ERROR(save_model_folder(small_model(small_literal()), folder_ / "file"),
                          Errc::io, "file");
}

}  // namespace
}  // namespace hippocrypt::model
