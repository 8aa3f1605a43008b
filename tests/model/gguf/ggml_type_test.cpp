#include "model/files/gguf/ggml_type.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <map>
#include <sstream>

#include "model/files/json.hpp"
#include "tests/model/files/file_fixture.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::size_t json_limit = std::size_t{4} << 20;

const GgmlTypeInfo* type_named(const std::string& name) {
  for (std::uint32_t number = 0; number < 64; ++number) {
    const GgmlTypeInfo* info = find_ggml_type(number);
    if (info != nullptr && info->name == name) return info;
  }
  return nullptr;
}

/// The numbers of the row's list "values", read one by one: as JSON "-0" is the integer 0.
std::vector<float> values_of(const std::string& line) {
  std::vector<float> out;
  const char* at = std::strchr(std::strstr(line.c_str(), "\"values\""), '[');
  while (*at == '[' || *at == ',') {
    char* end = nullptr;
    out.push_back(std::strtof(at + 1, &end));
    at = end;
  }
  return out;
}

TEST(GgmlType, DequantisesEveryReferenceBlockToTheBit) {
  const auto path = reference_path("ggml_quants.jsonl");
  HIPPOCRYPT_NEED_REFERENCE(path);
  std::istringstream lines{*read_text_file(path, json_limit)};
  std::map<std::string, std::size_t> rows;
  for (std::string line; std::getline(lines, line);) {
    const Json row = *parse_json(line, "ggml_quants.jsonl");
    const std::string name = row.at("type").get<std::string>();
    const GgmlTypeInfo* type = type_named(name);
    ASSERT_NE(type, nullptr) << name;
    const Bytes blocks = *from_hex(row.at("bytes").get<std::string>());
    const std::vector<float> wanted = values_of(line);
    ASSERT_EQ(wanted.size(), row.at("n").get<std::size_t>());
    ASSERT_EQ(blocks.size() * type->block_values, wanted.size() * type->block_bytes) << name;
    std::vector<float> got(wanted.size(), std::numeric_limits<float>::quiet_NaN());
    dequantize(*type, blocks, got);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(got[i]), std::bit_cast<std::uint32_t>(wanted[i]))
          << name << " row " << rows[name] << " value " << i << ": " << got[i] << ", not "
          << wanted[i];
    }
    ++rows[name];
  }
  EXPECT_EQ(rows.size(), 13u);
  for (const auto& [name, count] : rows) EXPECT_EQ(count, 4u) << name;
}

TEST(GgmlType, TakesFloatsAsTheyAre) {
  const std::vector<float> values{1.5F, -0.0F, 3.25e-40F};
  std::vector<float> out(3);
  dequantize(*find_ggml_type(0),
             {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * 4}, out);
  EXPECT_EQ(std::memcmp(out.data(), values.data(), 12), 0);
}

TEST(GgmlType, NamesTypesThatItCannotRead) {
  EXPECT_EQ(find_ggml_type(16), nullptr);
  EXPECT_EQ(find_ggml_type(4), nullptr);  // removed from the format
  EXPECT_EQ(find_ggml_type(std::numeric_limits<std::uint32_t>::max()), nullptr);
  EXPECT_EQ(ggml_type_name(16), "IQ2_XXS");
  EXPECT_EQ(ggml_type_name(12), "Q4_K");
  EXPECT_EQ(ggml_type_name(99), "type 99");
}

}  // namespace
}  // namespace hippocrypt::model
