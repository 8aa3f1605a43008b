#pragma once
// The tokenizer vectors made with other software, that lie beside the repository.

#include <fstream>
#include <string>
#include <vector>

#include "model/files/gguf/gguf_file.hpp"
#include "model/files/json.hpp"
#include "model/source/gguf_text.hpp"
#include "model/tokenizer/tokenizer_gguf.hpp"
#include "model/tokenizer/tokenizer_json.hpp"
#include "tests/model/files/file_fixture.hpp"
#include "tests/model/tokenizer/tokenizer_fixture.hpp"

namespace hippocrypt::model {

/// The objects of a JSONL file. Lines end in the byte 0x0A only.
inline std::vector<Json> read_rows(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  std::vector<Json> rows;
  for (std::string line; std::getline(in, line);) rows.push_back(Json::parse(line));
  return rows;
}

inline std::vector<TokenId> ids_of(const Json& row, const char* key) {
  return row.at(key).get<std::vector<TokenId>>();
}

/// The tokenizer in a GGUF file.
inline Result<Tokenizer> read_gguf_tokenizer(const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(const GgufFile file, GgufFile::open(path));
  HIPPOCRYPT_TRY(auto vocabulary, read_gguf_vocabulary(file));
  return tokenizer_from_gguf(std::move(vocabulary), path.string());
}

inline std::filesystem::path smollm2_path() {
  return reference_path("../SmolLM2-135M-Instruct.Q4_1.gguf");
}

/// Checks one row: ids in its mode, ids with what the template adds, decoded text.
inline void expect_row(const Tokenizer& tokenizer, const Json& row, const char* ids_key = "ids") {
  const std::string text = row.at("text");
  const bool special = row.at("special");
  const auto ids = tokenizer.encode(text, {.parse_special = special});
  ASSERT_TRUE(ids.has_value()) << to_string(ids.error());
  EXPECT_EQ(*ids, ids_of(row, ids_key)) << row.at("text");
  if (row.contains("ids_bos")) {
    const auto framed = tokenizer.encode(text, {.parse_special = special, .add_special = true});
    EXPECT_EQ(*framed, ids_of(row, "ids_bos")) << row.at("text");
  }
  const std::string decoded = row.contains("decoded") ? row.at("decoded").get<std::string>() : text;
  EXPECT_EQ(row.at("round_trip"), decoded == text);
  EXPECT_EQ(*tokenizer.decode(*ids, {.keep_special = true}), decoded) << row.at("text");
}

}  // namespace hippocrypt::model
