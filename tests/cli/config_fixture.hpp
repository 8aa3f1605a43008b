#pragma once
// A temporary folder with a model folder, three notes files and a configuration to spoil.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "cli/config/load_config.hpp"

namespace hippocrypt::cli {

class ConfigTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path{testing::TempDir()} /
              ("hippocrypt_config_" + std::to_string(::getpid())) / info->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "data" / "model");
    for (const char* name : {"a", "b", "c"}) write("data/" + std::string{name} + ".jsonl", "{}\n");
  }
  void TearDown() override {
    const std::string own = "hippocrypt_config_" + std::to_string(::getpid());
    std::filesystem::remove_all(std::filesystem::path{testing::TempDir()} / own);
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream{folder_ / name, std::ios::binary} << text;
  }
  std::filesystem::path file() const { return folder_ / "federation.toml"; }

  // A configuration that runs: line 1 is "[run]", line 5 "[model]", line 8 "[hospital]" and so on.
  static std::string sound() {
    return "[run]\n"
           "name = \"trial\"\n"
           "rounds = 8\n"
           "\n"
           "[model]\n"
           "path = \"data/model\"\n"
           "\n"
           "[[hospital]]\n"
           "name = \"st-anna\"\n"
           "notes = \"data/a.jsonl\"\n"
           "[[hospital]]\n"
           "name = \"st.b\"\n"
           "notes = \"data/b.jsonl\"\n"
           "budget = 4.0\n";
  }

  // Loads sound() followed by `more`.
  Result<federation::FederationConfig> load(const std::string& more = {},
                                            const std::vector<std::string>& overrides = {}) const {
    return load_text(sound() + more, overrides);
  }
  // Secure aggregation, which needs three hospitals, is off unless the text has a section on it.
  Result<federation::FederationConfig> load_text(const std::string& text,
                                                 std::vector<std::string> overrides = {}) const {
    write("federation.toml", text);
    if (text.find("[secagg]") == std::string::npos) overrides.push_back("secagg.enabled=false");
    return load_config(file(), overrides);
  }

  std::filesystem::path folder_;
};

/// Expects an invalid_config error whose text holds every one of `parts`.
inline void expect_error(const Result<federation::FederationConfig>& result,
                         const std::vector<std::string>& parts) {
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Errc::invalid_config);
  for (const std::string& part : parts)
    EXPECT_NE(result.error().detail.find(part), std::string::npos)
        << "no \"" << part << "\" in: " << result.error().detail;
}

}  // namespace hippocrypt::cli
