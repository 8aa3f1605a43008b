// Adapter folders that were damaged or made to do harm.

#include "model/files/adapter_lora.hpp"
#include "model/files/json.hpp"
#include "tests/model/files/file_fixture.hpp"
#include "tests/model/hostile/hostile_files.hpp"
#include "tests/model/math/math_support.hpp"

namespace hippocrypt::model {
namespace {

class HostileAdapterTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(save_lora_adapter(tiny_adapter(config_, all_targets), "base", folder_.path()));
    ASSERT_TRUE(load_lora_adapter(folder_.path(), config_).has_value());
  }
  std::size_t folder_bytes() const {
    return std::filesystem::file_size(folder_ / config_name) +
           std::filesystem::file_size(folder_ / weights_name);
  }
  void expect_harmless(const std::string& what) {
    model::expect_harmless(what, folder_bytes(),
                           [this] { return load_lora_adapter(folder_.path(), config_); });
  }
  void expect_refused(const std::string& what) {
    model::expect_refused(what, folder_bytes(),
                          [this] { return load_lora_adapter(folder_.path(), config_); });
  }
  void write(const char* name, const Bytes& bytes) {
    write_text(folder_ / name, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  Bytes bytes_in(const char* name) const { return *read_file(folder_ / name, 1 << 20); }

  static constexpr const char* config_name = "adapter_config.json";
  static constexpr const char* weights_name = "adapter_model.safetensors";
  const ModelConfig config_ = config_of(tiny_literal());
  TemporaryFolder folder_;
};

TEST_F(HostileAdapterTest, DamagedFilesGiveAnErrorOrAnAdapter) {
  for (const char* name : {config_name, weights_name}) {
    const Bytes whole = bytes_in(name);
    std::size_t index = 0;
    for (const Bytes& bytes : damaged(whole, 60, 4000)) {
      write(name, bytes);
      expect_harmless(std::string{name} + " " + std::to_string(index++));
    }
    write(name, whole);
  }
}

TEST_F(HostileAdapterTest, ConfigsThatCannotBe) {
  const Bytes text = bytes_in(config_name);
  const Json config = *parse_json(std::string(text.begin(), text.end()), "config");
  const std::vector<std::pair<const char*, Json>> changes{
      {"r", ~std::uint64_t{0}},
      {"r", std::uint64_t{1} << 40},
      {"r", 1e30},
      {"r", Json::array({2})},
      {"lora_alpha", 1e308},
      {"lora_alpha", -1e308},
      {"lora_alpha", 0},
      {"lora_alpha", "16"},
      {"target_modules", Json::object()},
      {"target_modules", std::string(100000, 'q')},
      {"target_modules", Json::array({std::string(100000, '.')})},
      {"target_modules", Json::array({"q_proj\0x"})},
      {"layers_to_transform", ~std::uint64_t{0}},
      {"layers_to_transform", Json::array({0, "1"})},
      {"layers_to_transform", Json::object()},
      {"base_model_name_or_path", 7},
      {"peft_type", "lora"},
      {"peft_type", std::string(100000, 'L')},
      {"init_lora_weights", std::string(100000, 'p')},
      {"use_dora", 1},
      {"rank_pattern", {{".*", 1}}},
  };
  for (const auto& [key, value] : changes) {
    Json changed = config;
    changed[key] = value;
    write(config_name, bytes_of(json_text(changed)));
    // A pattern may be any text, and a scale may be large: what it does to losses is not ours.
    const bool may_be = value == 1e308 || (value.is_string() && value.dump()[1] == 'q');
    const std::string what = std::string{key} + " " + value.dump().substr(0, 40);
    may_be ? expect_harmless(what) : expect_refused(what);
  }
  for (const char* missing : {"r", "lora_alpha", "target_modules", "peft_type"}) {
    Json changed = config;
    changed.erase(missing);
    write(config_name, bytes_of(json_text(changed)));
    expect_refused(std::string{"no "} + missing);
  }
  std::string blocks = "{\"layers_to_transform\":[";
  while (blocks.size() + 8 < max_adapter_config_bytes) blocks += "0,";
  std::string rest = json_text(config, JsonLayout::compact).substr(1);
  write(config_name,
        bytes_of(blocks.substr(0, blocks.size() - rest.size()) + "0],\"x\":0,\"y\":" + rest));
  expect_refused("a list of half a million blocks");
}

TEST_F(HostileAdapterTest, TensorsThatDoNotBelong) {
  const auto write_tensors = [this](const std::string& name, std::vector<std::uint64_t> shape,
                                    std::size_t count) {
    const std::vector<float> values(count, 1.0F);
    ASSERT_TRUE(write_safetensors(folder_ / weights_name, {{name, std::move(shape), values}}));
  };
  const std::string stem = "base_model.model.model.layers.";
  for (const std::string& name :
       {stem + "0.self_attn.q_proj.lora_A.weight", stem + "0.self_attn.q_proj.lora_A",
        stem + "0.self_attn.q_proj.lora_A.default.weight", stem + "0.mlp.q_proj.lora_A.weight",
        stem + "00.self_attn.q_proj.lora_A.weight", stem + "+0.self_attn.q_proj.lora_A.weight",
        stem + "18446744073709551616.self_attn.q_proj.lora_A.weight",
        stem + std::string(5000, '9') + ".self_attn.q_proj.lora_A.weight", stem, std::string{"."},
        stem + "0.self_attn.q_proj.lora_magnitude_vector.weight",
        std::string{"base_model.model.lm_head.lora_A.weight"}, std::string(400, 'x'),
        std::string(100000, 'x')}) {
    write_tensors(name, {2, 8}, 16);
    expect_refused(name.substr(0, 80));
  }
  write_tensors(stem + "0.self_attn.q_proj.lora_A.weight", {16}, 16);
  expect_refused("one dimension");
  write_tensors(stem + "0.self_attn.q_proj.lora_A.weight", {0, 8}, 0);
  expect_refused("no rows");
}

}  // namespace
}  // namespace hippocrypt::model
