// Model folders whose config.json, index or shards were damaged or made to do harm.

#include "model/files/hf_model.hpp"
#include "model/files/json.hpp"
#include "model/files/open_weights.hpp"
#include "tests/model/files/file_fixture.hpp"
#include "tests/model/hostile/hostile_files.hpp"
#include "tests/model/math/math_support.hpp"

namespace hippocrypt::model {
namespace {

class HostileFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    const ModelConfig config = config_of(tiny_literal(Head::untied));
    ASSERT_TRUE(save_model_folder(tiny_model(config), folder_.path(), {.shard_bytes = 2000}));
    ASSERT_TRUE(open_weights(folder_.path().string()).has_value());
  }
  std::size_t folder_bytes() const {
    std::size_t sum = 0;
    for (const auto& entry : std::filesystem::directory_iterator{folder_.path()}) {
      std::error_code failure;
      if (entry.is_regular_file(failure)) sum += entry.file_size();
    }
    return sum;
  }
  void expect_harmless(const std::string& what) {
    model::expect_harmless(what, folder_bytes(),
                           [this] { return open_weights(folder_.path().string()); });
  }
  void expect_refused(const std::string& what) {
    model::expect_refused(what, folder_bytes(),
                          [this] { return open_weights(folder_.path().string()); });
  }
  std::string text_of(const char* name) const {
    return *read_text_file(folder_ / name, std::size_t{1} << 20);
  }
  void write(const char* name, const Bytes& bytes) {
    write_text(folder_ / name, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  void write_json(const char* name, const Json& json) {
    write_text(folder_ / name, json_text(json));
  }
  Json json_of(const char* name) const { return *parse_json(text_of(name), name); }

  static constexpr const char* config_name = "config.json";
  static constexpr const char* index_name = "model.safetensors.index.json";
  TemporaryFolder folder_;
};

TEST_F(HostileFolderTest, DamagedConfigsGiveAnErrorOrAModel) {
  const Bytes config = bytes_of(text_of(config_name));
  std::size_t index = 0;
  for (const Bytes& bytes : damaged(config, 60, config.size())) {
    write(config_name, bytes);
    expect_harmless("config " + std::to_string(index++));
  }
}

TEST_F(HostileFolderTest, DamagedIndexesGiveAnErrorOrAModel) {
  const Bytes whole = bytes_of(text_of(index_name));
  std::size_t index = 0;
  for (const Bytes& bytes : damaged(whole, 40, whole.size())) {
    write(index_name, bytes);
    expect_harmless("index " + std::to_string(index++));
  }
}

TEST_F(HostileFolderTest, ConfigsOfShapesThatTheWeightsDoNotHave) {
  const Json config = json_of(config_name);
  for (const char* key :
       {"vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads",
        "num_key_value_heads", "head_dim", "intermediate_size", "max_position_embeddings"}) {
    for (const Json& value :
         {Json(0), Json(3), Json(1 << 16), Json(1U << 31), Json(~std::uint64_t{0}), Json(-1),
          Json(1.5), Json("8"), Json::array(), Json::object(), Json(1e300)}) {
      Json changed = config;
      changed[key] = value;
      write_json(config_name, changed);
      const bool may_be = std::string_view{key} == "max_position_embeddings" ||
                          (std::string_view{key} == "head_dim" && value == 0);
      const std::string what = std::string{key} + " " + value.dump();
      may_be ? expect_harmless(what) : expect_refused(what);
    }
  }
}

TEST_F(HostileFolderTest, ConfigsOfOtherNumbersThanThereCanBe) {
  const Json config = json_of(config_name);
  for (const char* key : {"rope_theta", "rms_norm_eps"}) {
    for (const Json& value : {Json(0), Json(-1.0), Json("x"), Json::array(), Json(1e308)}) {
      Json changed = config;
      changed[key] = value;
      write_text(folder_ / config_name, changed.dump());
      expect_harmless(std::string{key} + " " + value.dump());
    }
  }
  for (const Json& scaling :
       {Json{{"rope_type", "llama3"}}, Json{{"rope_type", "yarn"}, {"factor", 4}},
        Json{{"type", 3}}, Json{{"rope_type", "linear"}, {"factor", 0}},
        Json{{"rope_type", "linear"}, {"factor", -1}}, Json("linear"), Json::array({1, 2})}) {
    Json changed = config;
    changed["rope_scaling"] = scaling;
    write_json(config_name, changed);
    expect_refused("scaling " + scaling.dump());
  }
}

TEST_F(HostileFolderTest, TextsOfManySmallValuesStayWithinTheLimit) {
  for (const char* name : {config_name, index_name}) {
    const std::string before = text_of(name);
    const std::size_t limit =
        name == std::string_view{config_name} ? max_config_json_bytes : max_index_json_bytes;
    for (const std::string_view item : {"[],", "{},", "\"\","}) {
      std::string text = "{\"weight_map\":[";
      while (text.size() + 8 < limit) text += item;
      write_text(folder_ / name, text + "0]}");
      expect_refused(std::string{name} + " of " + std::string{item});
    }
    std::string keys = "{\"weight_map\":{";
    for (std::size_t i = 0; keys.size() + 32 < limit; ++i) {
      keys += "\"" + std::to_string(i) + "\":\"\",";
    }
    write_text(folder_ / name, keys + "\"x\":\"\"}}");
    expect_refused(std::string{name} + " of many keys");
    write_text(folder_ / name, std::string(limit + 1, ' '));
    expect_refused(std::string{name} + " above its limit");
    write_text(folder_ / name, before);
  }
}

TEST_F(HostileFolderTest, IndexesThatLeaveTheFolder) {
  const Json index = json_of(index_name);
  for (const char* place : {"../x.safetensors", "/etc/passwd", "a/b.safetensors", "..", ".", "",
                            "a\\b", "model-00001-of-00002.safetensors/../x",
                            "model.safetensors.index.json", "config.json", "absent.safetensors"}) {
    Json changed = index;
    changed["weight_map"]["model.norm.weight"] = place;
    write_json(index_name, changed);
    expect_refused(std::string{"place "} + place);
  }
  Json with_zero = index;
  with_zero["weight_map"]["model.norm.weight"] = std::string("a\0b", 3);
  write_json(index_name, with_zero);
  expect_refused("a place with a zero byte");
  Json many = index;
  for (int i = 0; i < 2000; ++i) {
    many["weight_map"]["t" + std::to_string(i)] = std::to_string(i) + ".safetensors";
  }
  write_json(index_name, many);
  expect_refused("2000 files");
  for (const Json& map : {Json(), Json(3), Json::array(), Json{{"model.norm.weight", 3}}}) {
    Json changed = index;
    changed["weight_map"] = map;
    write_json(index_name, changed);
    expect_refused("map " + map.dump());
  }
}

TEST_F(HostileFolderTest, ShardsThatAreMissingSwappedOrOfAnotherKind) {
  std::vector<std::string> shards;
  for (const auto& entry : std::filesystem::directory_iterator{folder_.path()}) {
    const std::string name = entry.path().filename().string();
    if (name.find("-of-") != std::string::npos) shards.push_back(name);
  }
  std::sort(shards.begin(), shards.end());
  ASSERT_GE(shards.size(), 3u);
  const Bytes first = *read_file(folder_ / shards[0], 1 << 20);
  std::filesystem::remove(folder_ / shards[0]);
  expect_refused("a shard missing");
  std::filesystem::create_directory(folder_ / shards[0]);
  expect_refused("a folder in a shard's place");
  std::filesystem::remove(folder_ / shards[0]);
  std::filesystem::create_symlink(shards[0], folder_ / shards[0]);
  expect_refused("a link to itself");
  std::filesystem::remove(folder_ / shards[0]);
  std::filesystem::copy_file(folder_ / shards[1], folder_ / shards[0]);
  expect_refused("one shard twice");
  write(shards[0].c_str(), {});
  expect_refused("an empty shard");
  for (const Bytes& bytes : damaged(first, 40, 300)) {
    write(shards[0].c_str(), bytes);
    expect_harmless("a damaged shard");
  }
  write(shards[0].c_str(), first);
  EXPECT_TRUE(open_weights(folder_.path().string()).has_value());
}

}  // namespace
}  // namespace hippocrypt::model
