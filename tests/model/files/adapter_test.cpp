#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/random.hpp"
#include "model/files/adapter_file.hpp"
#include "model/files/adapter_lora.hpp"
#include "model/files/json.hpp"
#include "tests/model/files/file_fixture.hpp"

namespace hippocrypt::model {
namespace {

ModelConfig small_config() {
  ModelLiteral literal;
  literal.vocab = 11;
  literal.hidden = 8;
  literal.blocks = 2;
  literal.heads = 4;
  literal.kv_heads = 2;
  literal.head_dim = 4;
  literal.ffn = 12;
  literal.max_context = 32;
  return *ModelConfig::create(literal);
}

LoraAdapter small_adapter(double alpha = 5.0) {
  const ModelConfig model = small_config();
  const LoraConfig lora = *LoraConfig::create(
      {3, alpha, {LoraTarget::v, LoraTarget::q, LoraTarget::down, LoraTarget::gate}}, model);
  LoraAdapter adapter{model, lora};
  SeededSequence random{5, "adapter"};
  for (std::size_t block = 0; block < adapter.blocks(); ++block) {
    for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
      auto& factors = adapter.at(block, i);
      for (auto* matrix : {&factors.a, &factors.b}) {
        for (float& value : matrix->values()) value = static_cast<float>(random.normal());
      }
    }
  }
  return adapter;
}

class AdapterFileTest : public testing::Test {
 protected:
  /// Saves a small adapter, then changes its config.
  void save_with(const std::function<void(Json&)>& change) {
    ASSERT_TRUE(save_lora_adapter(small_adapter(), "base", folder_.path()).has_value());
    const auto path = folder_ / "adapter_config.json";
    Json config = *parse_json(*read_text_file(path, 1 << 20), "config");
    change(config);
    write_text(path, json_text(config));
  }
  /// Saves a small adapter, then changes its tensors.
  void save_tensors_with(const std::function<void(std::vector<AdapterTensor>&)>& change,
                         const std::string& rename_from = {}, const std::string& rename_to = {}) {
    AdapterFolder adapter = to_adapter_folder(small_adapter(), "base");
    change(adapter.tensors);
    std::vector<NamedTensor> list;
    for (const AdapterTensor& tensor : adapter.tensors) {
      const std::string parent =
          tensor.module[0] == 'q' || tensor.module[0] == 'v' ? "self_attn" : "mlp";
      const std::string stem = "base_model.model.model.layers." + std::to_string(tensor.block) +
                               "." + parent + "." + tensor.module;
      list.push_back(
          {stem + ".lora_A.weight", {tensor.a.rows(), tensor.a.cols()}, tensor.a.values()});
      list.push_back(
          {stem + ".lora_B.weight", {tensor.b.rows(), tensor.b.cols()}, tensor.b.values()});
    }
    std::vector<NamedTensor> kept;
    for (NamedTensor& tensor : list) {
      if (tensor.name == rename_from) {
        if (rename_to.empty()) continue;
        tensor.name = rename_to;
      }
      kept.push_back(tensor);
    }
    save_with([](Json&) {});
    ASSERT_TRUE(write_safetensors(folder_ / "adapter_model.safetensors", kept).has_value());
  }
  Result<LoraAdapter> load() { return load_lora_adapter(folder_.path(), small_config()); }

  TemporaryFolder folder_;
};

TEST_F(AdapterFileTest, ReadsBackWhatItWrites) {
  for (const double alpha : {16.0, 0.1}) {
    const LoraAdapter adapter = small_adapter(alpha);
    ASSERT_TRUE(save_lora_adapter(adapter, "some/model", folder_.path()).has_value());
    const auto folder = read_adapter_folder(folder_.path());
    ASSERT_TRUE(folder.has_value()) << to_string(folder.error());
    EXPECT_EQ(folder->config.base_model, "some/model");
    EXPECT_EQ(folder->config.alpha, alpha);
    EXPECT_EQ(folder->config.target_modules,
              (std::vector<std::string>{"down_proj", "gate_proj", "q_proj", "v_proj"}));
    const auto loaded = load();
    ASSERT_TRUE(loaded.has_value()) << to_string(loaded.error());
    EXPECT_EQ(loaded->config().fingerprint(), adapter.config().fingerprint());
    for (std::size_t block = 0; block < adapter.blocks(); ++block) {
      for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
        const auto &wanted = adapter.at(block, i), &got = loaded->at(block, i);
        ASSERT_EQ(got.a.rows(), 3u);
        EXPECT_TRUE(std::equal(wanted.a.values().begin(), wanted.a.values().end(),
                               got.a.values().begin(), got.a.values().end()));
        EXPECT_TRUE(std::equal(wanted.b.values().begin(), wanted.b.values().end(),
                               got.b.values().begin(), got.b.values().end()));
      }
    }
  }
}

TEST_F(AdapterFileTest, WritesWhatPeftReads) {
  ASSERT_TRUE(save_lora_adapter(small_adapter(16.0), "some/model", folder_.path()).has_value());
  const Json config =
      *parse_json(*read_text_file(folder_ / "adapter_config.json", 1 << 20), "config");
  EXPECT_EQ(config.at("peft_type"), "LORA");
  EXPECT_EQ(config.at("task_type"), "CAUSAL_LM");
  EXPECT_EQ(config.at("r"), 3);
  EXPECT_TRUE(config.at("lora_alpha").is_number_integer());
  EXPECT_EQ(config.at("lora_alpha"), 16);
  EXPECT_EQ(config.at("bias"), "none");
  EXPECT_EQ(config.at("lora_dropout"), 0.0);
  EXPECT_EQ(config.at("fan_in_fan_out"), false);
  EXPECT_EQ(config.at("inference_mode"), true);
  const auto file = SafetensorsFile::open(folder_ / "adapter_model.safetensors").value();
  EXPECT_EQ(file.tensors().size(), 16u);
  EXPECT_TRUE(file.expect("base_model.model.model.layers.1.self_attn.v_proj.lora_B.weight",
                          std::vector<std::uint64_t>{8, 3})
                  .has_value());
  EXPECT_TRUE(file.expect("base_model.model.model.layers.0.mlp.down_proj.lora_A.weight",
                          std::vector<std::uint64_t>{3, 12})
                  .has_value());
}

TEST_F(AdapterFileTest, RefusesWhatIsNotPlainLora) {
  const std::vector<std::pair<const char*, Json>> changes{{"peft_type", "IA3"},
                                                          {"task_type", "SEQ_CLS"},
                                                          {"bias", "all"},
                                                          {"use_dora", true},
                                                          {"use_something_new", true},
                                                          {"target_parameters", {"x"}},
                                                          {"trainable_token_indices", {1, 2}},
                                                          {"layer_replication", {{0, 1}}},
                                                          {"init_lora_weights", "pissa_niter_4"},
                                                          {"init_lora_weights", "loftq"},
                                                          {"fan_in_fan_out", true},
                                                          {"rank_pattern", {{"q", 4}}},
                                                          {"alpha_pattern", {{"q", 4}}},
                                                          {"modules_to_save", {"x"}},
                                                          {"target_modules", {"lm_head"}}};
  for (const auto& [key, value] : changes) {
    save_with([&, name = key, &changed = value](Json& config) { config[name] = changed; });
    HIPPOCRYPT_EXPECT_ERROR(read_adapter_folder(folder_.path()), Errc::unsupported, key);
  }
  save_with([](Json& config) {
    config["use_dora"] = true;
    config["bias"] = "all";
  });
  HIPPOCRYPT_EXPECT_ERROR(read_adapter_folder(folder_.path()), Errc::unsupported,
                          "bias all; use_dora");
}

TEST_F(AdapterFileTest, TakesTargetsInEveryFormOfPeft) {
  const std::vector<std::string> all{"down_proj", "gate_proj", "q_proj", "v_proj"};
  const std::vector<Json> forms{
      "all-linear", R"(.*\.(self_attn|mlp)\.(q|v|gate|down)_proj)",
      Json{"mlp.down_proj", "gate_proj", "model.layers.0.self_attn.q_proj", "v_proj"},
      Json{"v_proj", "q_proj", "gate_proj", "down_proj", "q_proj"}};
  for (const Json& form : forms) {
    save_with([&form](Json& config) { config["target_modules"] = form; });
    const auto folder = read_adapter_folder(folder_.path());
    ASSERT_TRUE(folder.has_value()) << to_string(folder.error());
    EXPECT_EQ(folder->config.target_modules, all) << form;
    EXPECT_TRUE(load().has_value());
  }
  save_with([](Json& config) {
    config["target_modules"].push_back("o_proj");
    config["exclude_modules"] = "o_proj";
  });
  const auto folder = read_adapter_folder(folder_.path());
  ASSERT_TRUE(folder.has_value()) << to_string(folder.error());
  EXPECT_EQ(folder->config.target_modules, all);
}

TEST_F(AdapterFileTest, ScalesRsLoraBySquareRootOfRank) {
  save_with([](Json& config) {
    config["use_rslora"] = true;
    config["lora_alpha"] = 5;
    config["init_lora_weights"] = "gaussian";
  });
  const auto loaded = load();
  ASSERT_TRUE(loaded.has_value()) << to_string(loaded.error());
  EXPECT_DOUBLE_EQ(loaded->config().scale(), 5.0 / std::sqrt(3.0));
}

TEST_F(AdapterFileTest, LeavesBlocksWithoutMatricesUnchanged) {
  const auto last_block_only = [](auto& tensors) {
    tensors.erase(std::remove_if(tensors.begin(), tensors.end(),
                                 [](const AdapterTensor& t) { return t.block == 0; }),
                  tensors.end());
  };
  const LoraAdapter whole = small_adapter();
  const auto check = [&](const Result<LoraAdapter>& loaded) {
    ASSERT_TRUE(loaded.has_value()) << to_string(loaded.error());
    for (std::size_t i = 0; i < whole.shapes().size(); ++i) {
      for (const float value : loaded->at(0, i).b.values()) EXPECT_EQ(value, 0.0F);
      EXPECT_EQ(loaded->at(0, i).a.rows(), 3u);
      EXPECT_EQ(loaded->at(1, i).b(0, 0), whole.at(1, i).b(0, 0));
    }
  };
  save_tensors_with(last_block_only);
  check(load());
  const auto set_blocks = [this](const Json& blocks) {
    const auto path = folder_ / "adapter_config.json";
    Json config = *parse_json(*read_text_file(path, 1 << 20), "config");
    config["layers_to_transform"] = blocks;
    write_text(path, json_text(config));
  };
  for (const Json& blocks : {Json(1), Json{1}, Json{7, 1}}) {
    set_blocks(blocks);
    check(load());
  }
  set_blocks(Json{0});
  HIPPOCRYPT_EXPECT_ERROR(load(), Errc::malformed, "block 1");
}

TEST_F(AdapterFileTest, ReadsSixteenBitAdapters) {
  const LoraAdapter wanted = small_adapter();
  for (const TensorDtype dtype : {TensorDtype::f16, TensorDtype::bf16}) {
    save_with([](Json&) {});
    AdapterFolder adapter = to_adapter_folder(wanted, "base");
    std::vector<NamedTensor> list;
    const auto file = SafetensorsFile::open(folder_ / "adapter_model.safetensors").value();
    std::vector<Matrix> values;
    for (const auto& [name, info] : file.tensors()) {
      auto again = SafetensorsFile::open(folder_ / "adapter_model.safetensors").value();
      values.push_back(*again.read_matrix(name));
      list.push_back({name, info.shape, {}});
    }
    for (std::size_t i = 0; i < list.size(); ++i) list[i].values = values[i].values();
    ASSERT_TRUE(write_safetensors(folder_ / "adapter_model.safetensors", list, dtype).has_value());
    const auto loaded = load();
    ASSERT_TRUE(loaded.has_value()) << to_string(loaded.error());
    // Half a unit in the last place: 2^-11 and 2^-8 of the value.
    const float bound = dtype == TensorDtype::f16 ? 0x1p-11F : 0x1p-8F;
    const float value = wanted.at(1, 2).b(3, 1);
    EXPECT_NEAR(loaded->at(1, 2).b(3, 1), value, std::abs(value) * bound);
  }
}

TEST_F(AdapterFileTest, RefusesMalformedConfigs) {
  const std::vector<std::pair<const char*, Json>> changes{{"r", 0},
                                                          {"r", "8"},
                                                          {"r", -1},
                                                          {"lora_alpha", "x"},
                                                          {"lora_alpha", nullptr},
                                                          {"peft_type", nullptr},
                                                          {"use_dora", "no"},
                                                          {"target_modules", ""},
                                                          {"target_modules", 7},
                                                          {"target_modules", Json::array()},
                                                          {"target_modules", {3}},
                                                          {"layers_to_transform", "0"},
                                                          {"layers_to_transform", {0, -1}},
                                                          {"use_rslora", "yes"},
                                                          {"base_model_name_or_path", 3},
                                                          {"bias", 3}};
  for (const auto& [key, value] : changes) {
    save_with([&, name = key, &changed = value](Json& config) { config[name] = changed; });
    HIPPOCRYPT_EXPECT_ERROR(read_adapter_folder(folder_.path()), Errc::malformed, key);
  }
  write_text(folder_ / "adapter_config.json", std::string(100, '['));
  HIPPOCRYPT_EXPECT_ERROR(read_adapter_folder(folder_.path()), Errc::limit_exceeded, "nested");
  std::filesystem::remove(folder_ / "adapter_config.json");
  HIPPOCRYPT_EXPECT_ERROR(read_adapter_folder(folder_.path()), Errc::not_found, "adapter_config");
}

TEST_F(AdapterFileTest, RefusesTargetsAndTensorsThatDisagree) {
  save_with([](Json& config) { config["target_modules"].push_back("o_proj"); });
  HIPPOCRYPT_EXPECT_ERROR(read_adapter_folder(folder_.path()), Errc::malformed, "o_proj");
  save_with([](Json& config) { config["target_modules"] = {"down_proj", "gate_proj", "q_proj"}; });
  HIPPOCRYPT_EXPECT_ERROR(read_adapter_folder(folder_.path()), Errc::malformed, "v_proj");
  save_with([](Json& config) { config["r"] = 4; });
  HIPPOCRYPT_EXPECT_ERROR(read_adapter_folder(folder_.path()), Errc::mismatch, "rank 4");
  const std::string b = "base_model.model.model.layers.1.mlp.down_proj.lora_B.weight";
  save_tensors_with([](auto&) {}, b);
  HIPPOCRYPT_EXPECT_ERROR(read_adapter_folder(folder_.path()), Errc::malformed, b);
  for (const char* name :
       {"base_model.model.model.layers.01.mlp.down_proj.lora_B.weight", "x",
        "base_model.model.model.layers.1.self_attn.down_proj.lora_B.weight",
        "base_model.model.model.layers.1.mlp.down_proj.lora_magnitude_vector",
        "base_model.model.model.layers.99999999999999999999.mlp.down_proj.lora_B.weight",
        "base_model.model.model.layers.-1.mlp.down_proj.lora_B.weight"}) {
    save_tensors_with([](auto&) {}, b, name);
    HIPPOCRYPT_EXPECT_ERROR(read_adapter_folder(folder_.path()), Errc::unsupported, name);
  }
  save_tensors_with([](auto& tensors) { tensors.clear(); });
  HIPPOCRYPT_EXPECT_ERROR(read_adapter_folder(folder_.path()), Errc::malformed, "no tensors");
  save_with([](Json&) {});
  HIPPOCRYPT_EXPECT_ERROR(read_adapter_folder(folder_.path(), 64), Errc::limit_exceeded, "64");
}

TEST_F(AdapterFileTest, RefusesAdaptersThatDoNotFitTheModel) {
  save_tensors_with([](auto& tensors) { tensors.front().a = Matrix(3, 9); });
  HIPPOCRYPT_EXPECT_ERROR(load(), Errc::mismatch, "9 to");
  save_tensors_with([](auto& tensors) { tensors.back().block = 2; });
  HIPPOCRYPT_EXPECT_ERROR(load(), Errc::mismatch, "only 2 blocks");
  save_with([](Json& config) { config["lora_alpha"] = -1; });
  HIPPOCRYPT_EXPECT_ERROR(load(), Errc::out_of_range, "alpha");
  AdapterFolder twice = to_adapter_folder(small_adapter(), "base");
  twice.tensors.push_back(twice.tensors.front());
  HIPPOCRYPT_EXPECT_ERROR(to_lora_adapter(twice, small_config()), Errc::mismatch, "twice");
  twice.tensors.pop_back();
  AdapterFolder untargeted = twice;
  untargeted.config.target_modules = {"q_proj"};
  HIPPOCRYPT_EXPECT_ERROR(to_lora_adapter(untargeted, small_config()), Errc::mismatch,
                          "does not target");
  twice.tensors.front().b = Matrix(16, 2);
  HIPPOCRYPT_EXPECT_ERROR(to_lora_adapter(twice, small_config()), Errc::mismatch, "rank 3");
  twice.config.alpha = std::nan("");
  HIPPOCRYPT_EXPECT_ERROR(to_lora_adapter(twice, small_config()), Errc::not_finite, "alpha");
}

TEST_F(AdapterFileTest, WillNotWriteANumberThatIsNotFinite) {
  LoraAdapter adapter = small_adapter();
  adapter.at(1, 0).b(0, 0) = std::nanf("");
  HIPPOCRYPT_EXPECT_ERROR(save_lora_adapter(adapter, "base", folder_.path()), Errc::not_finite,
                          "layers.1.self_attn.q_proj.lora_B");
  write_text(folder_ / "file", "x");
  HIPPOCRYPT_EXPECT_ERROR(save_lora_adapter(small_adapter(), "base", folder_ / "file"), Errc::io,
                          "file");
}

TEST(AdapterReference, HasTheNamesAndShapesThatWeWrite) {
  const auto path = reference_path("adapter_init.safetensors");
  HIPPOCRYPT_NEED_REFERENCE(path);
  ModelLiteral literal;
  literal.vocab = 49152;
  literal.hidden = 576;
  literal.blocks = 30;
  literal.heads = 9;
  literal.kv_heads = 3;
  literal.head_dim = 64;
  literal.ffn = 1536;
  literal.max_context = 2048;
  const ModelConfig model = *ModelConfig::create(literal);
  auto tensors = read_adapter_tensors(path, 8);
  ASSERT_TRUE(tensors.has_value()) << to_string(tensors.error());
  ASSERT_EQ(tensors->size(), 210u);
  AdapterFolder folder{
      {8,
       16.0,
       {"down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"},
       "SmolLM2-135M-Instruct"},
      std::move(*tensors)};
  const auto adapter = to_lora_adapter(folder, model);
  ASSERT_TRUE(adapter.has_value()) << to_string(adapter.error());
  EXPECT_EQ(adapter->at(29, 0).b.rows(), 576u);

  // Written by us, the file has the same names, shapes and values.
  const TemporaryFolder out;
  ASSERT_TRUE(save_lora_adapter(*adapter, "SmolLM2-135M-Instruct", out.path()).has_value());
  auto theirs = SafetensorsFile::open(path).value();
  auto ours = SafetensorsFile::open(out / "adapter_model.safetensors").value();
  ASSERT_EQ(ours.tensors().size(), theirs.tensors().size());
  for (const auto& [name, info] : theirs.tensors()) {
    ASSERT_TRUE(ours.expect(name, info.shape).has_value()) << name;
    ASSERT_EQ(ours.tensors().at(name).dtype, info.dtype) << name;
    const Matrix a = *theirs.read_matrix(name), b = *ours.read_matrix(name);
    ASSERT_TRUE(std::equal(a.values().begin(), a.values().end(), b.values().begin())) << name;
  }
}

}  // namespace
}  // namespace hippocrypt::model
