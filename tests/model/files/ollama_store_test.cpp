#include "model/files/ollama_store.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/sha256.hpp"
#include "model/files/json.hpp"
#include "model/files/open_weights.hpp"
#include "tests/model/files/file_fixture.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::size_t file_limit = std::size_t{4} << 20;

Json layer(std::string_view kind, std::string_view contents) {
  return {{"mediaType", "application/vnd.ollama.image." + std::string{kind}},
          {"digest", "sha256:" + to_hex(sha256(as_bytes(contents)))},
          {"size", contents.size()}};
}

/// A store as Ollama lays it out, in a folder of its own.
class OllamaStore : public testing::Test {
 protected:
  void add_manifest(const std::string& place, const Json& manifest) {
    const auto path = folder_ / ("manifests/" + place);
    std::filesystem::create_directories(path.parent_path());
    write_text(path, json_text(manifest));
  }
  void add_model(const std::string& place, std::string_view contents) {
    const Json model = layer("model", contents);
    add_manifest(place,
                 {{"schemaVersion", 2},
                  {"layers", Json::array({layer("template", "t"), model, layer("params", "p")})}});
    std::string name = model.at("digest").get<std::string>();
    name[6] = '-';
    const auto path = folder_ / ("blobs/" + name);
    std::filesystem::create_directories(path.parent_path());
    write_text(path, contents);
  }
  Result<std::filesystem::path> find(std::string_view name) {
    return find_ollama_model(name, folder_.path());
  }
  std::string contents_of(std::string_view name) {
    const auto path = find(name);
    return path.has_value() ? *read_text_file(*path, file_limit) : to_string(path.error());
  }
  void expect_refused(const Json& manifest, Errc code, const char* phrase) {
    add_manifest("host.example/library/bad/latest", manifest);
    HIPPOCRYPT_EXPECT_ERROR(find("bad"), code, phrase);
  }

  TemporaryFolder folder_;
};

TEST_F(OllamaStore, FindsTheFileOfAName) {
  add_model("host.example/library/smol/latest", "one");
  add_model("host.example/library/smol/135m-q4_1", "two");
  add_model("host.example/clinic/smol/latest", "three");
  add_model("other.example/clinic/smol/v1.5", "four");
  EXPECT_EQ(contents_of("smol"), "one");
  EXPECT_EQ(contents_of("smol:latest"), "one");
  EXPECT_EQ(contents_of("library/smol"), "one");
  EXPECT_EQ(contents_of("smol:135m-q4_1"), "two");
  EXPECT_EQ(contents_of("clinic/smol"), "three");
  EXPECT_EQ(contents_of("clinic/smol:v1.5"), "four");
  EXPECT_EQ(contents_of("other.example/clinic/smol:v1.5"), "four");
  HIPPOCRYPT_EXPECT_ERROR(find("host.example/clinic/smol:v1.5"), Errc::not_found, "clinic/smol");
}

TEST_F(OllamaStore, ListsWhatThereIsWhenANameIsNotFound) {
  add_model("host.example/library/smol/135m", "one");
  add_model("host.example/clinic/notes/latest", "two");
  HIPPOCRYPT_EXPECT_ERROR(find("smol"), Errc::not_found,
                          "there is no model smol; the store has clinic/notes:latest, smol:135m");
  for (int i = 0; i < 30; ++i) add_model("host.example/many/m" + std::to_string(i) + "/t", "x");
  HIPPOCRYPT_EXPECT_ERROR(find("smol"), Errc::not_found, ", ...");
  const TemporaryFolder empty;
  HIPPOCRYPT_EXPECT_ERROR(find_ollama_model("smol", empty.path()), Errc::not_found,
                          "is no Ollama store");
  std::filesystem::create_directory(empty / "manifests");
  HIPPOCRYPT_EXPECT_ERROR(find_ollama_model("smol", empty.path()), Errc::not_found,
                          "the store has no model");
}

TEST_F(OllamaStore, RefusesNamesThatAreNone) {
  add_model("host.example/library/smol/latest", "one");
  for (const char* name :
       {"", ":", "smol:", ":latest", "/smol", "library//smol", "../smol", "smol:..", "a/b/c/smol",
        "smol:../../x", "-smol", ".smol", "smo l", "smol:latest:x", "smol\\x", "host:1/a/smol"}) {
    HIPPOCRYPT_EXPECT_ERROR(find(name), Errc::malformed, "an Ollama model is named");
  }
  HIPPOCRYPT_EXPECT_ERROR(find(std::string(129, 'a')), Errc::malformed, "is named");
}

TEST_F(OllamaStore, AsksWhichOfTwoDifferentModels) {
  add_model("a.example/library/smol/latest", "one");
  add_model("b.example/library/smol/latest", "one");
  EXPECT_EQ(contents_of("smol"), "one");
  add_model("b.example/library/smol/latest", "two");
  HIPPOCRYPT_EXPECT_ERROR(find("smol"), Errc::mismatch, "two hosts have different models");
  EXPECT_EQ(contents_of("b.example/library/smol"), "two");
}

TEST_F(OllamaStore, RefusesManifestsThatAreWrong) {
  const auto layers = [](Json list) { return Json{{"layers", std::move(list)}}; };
  Json path = layer("model", "x"), digest = path, no_size = path;
  path["digest"] = "sha256:../../../../etc/passwd";
  digest["digest"] = "sha512:" + std::string(64, 'a');
  no_size.erase("size");
  const auto code = Errc::malformed;
  expect_refused(Json::object(), code, "layers");
  expect_refused(layers(7), code, "layers must be a list");
  expect_refused(layers(Json::array({7})), code, "a layer");
  expect_refused(layers(Json::array()), code, "no layer that holds a model");
  expect_refused(layers(Json::array({path})), code, "digest");
  expect_refused(layers(Json::array({digest})), code, "digest");
  expect_refused(layers(Json::array({no_size})), code, "size");
  expect_refused(layers(Json::array({layer("model", "x"), layer("adapter", "y")})),
                 Errc::unsupported, "a layer of kind adapter");
  expect_refused(layers(Json::array({layer("projector", "y"), layer("model", "x")})),
                 Errc::unsupported, "a layer of kind projector");
  expect_refused(layers(Json::array({layer("model", "x"), layer("model", "y")})), Errc::unsupported,
                 "several files");
  expect_refused(layers(Json::array({layer("model", "not there")})), Errc::not_found,
                 "pull the model again");
  write_text(folder_ / "manifests/host.example/library/bad/latest", "{");
  HIPPOCRYPT_EXPECT_ERROR(find("bad"), code, "latest");
  write_text(folder_ / "manifests/host.example/library/bad/latest", std::string(1 << 21, ' '));
  HIPPOCRYPT_EXPECT_ERROR(find("bad"), Errc::limit_exceeded, "latest");
}

TEST_F(OllamaStore, RefusesAFileOfAnotherSize) {
  add_model("host.example/library/smol/latest", "whole");
  write_text(*find("smol"), "part");
  HIPPOCRYPT_EXPECT_ERROR(find("smol"), Errc::mismatch, "has 4 bytes, but the manifest says 5");
}

TEST_F(OllamaStore, OpensAModelByItsName) {
  const auto file = reference_path("tiny_llama.gguf");
  HIPPOCRYPT_NEED_REFERENCE(file);
  add_model("host.example/library/tiny/latest", *read_text_file(file, file_limit));
  ASSERT_EQ(::setenv("OLLAMA_MODELS", folder_.path().c_str(), 1), 0);
  EXPECT_EQ(default_ollama_store(), folder_.path());
  const auto model = open_weights("ollama:tiny");
  ASSERT_TRUE(model.has_value()) << to_string(model.error());
  EXPECT_EQ(model->config->hidden, 64u);
  HIPPOCRYPT_EXPECT_ERROR(open_weights("ollama:huge"), Errc::not_found, "tiny:latest");
  EXPECT_EQ(*locate_model("ollama:tiny"), *find("tiny"));
  EXPECT_EQ(*locate_model("some/folder"), "some/folder");
  ASSERT_EQ(::unsetenv("OLLAMA_MODELS"), 0);
}

TEST(OllamaName, IsWhatFollowsTheScheme) {
  EXPECT_EQ(ollama_name("ollama:smol:135m"), "smol:135m");
  EXPECT_EQ(ollama_name("ollama:"), "");
  EXPECT_FALSE(ollama_name("ollama").has_value());
  EXPECT_FALSE(ollama_name("/models/ollama:x").has_value());
}

TEST(OllamaDefaultStore, LiesInTheHomeOfItsUser) {
  const TemporaryFolder home;
  const char* before = std::getenv("HOME");
  const std::string old = before == nullptr ? "" : before;
  std::filesystem::create_directories(home.path() / ".ollama" / "models" / "manifests");
  ASSERT_EQ(::setenv("HOME", home.path().c_str(), 1), 0);
  EXPECT_EQ(default_ollama_store(), home.path() / ".ollama" / "models");
  ASSERT_EQ(::setenv("HOME", old.c_str(), 1), 0);
}

}  // namespace
}  // namespace hippocrypt::model
