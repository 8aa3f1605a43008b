#pragma once
// Bytes that a format must always give: tables of hexadecimal, one file for each family of
// messages. Differences show as lines. HIPPOCRYPT_WRITE_GOLDEN=1 writes the files anew.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace hippocrypt::test_support {

struct GoldenMessage {
  std::string name;
  Bytes bytes;
};

/// 32 bytes a line, indented.
inline std::string hex_lines(ByteView bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 32) {
    text += "  " + to_hex(bytes.subspan(at, std::min<std::size_t>(32, bytes.size() - at))) + '\n';
  }
  return text;
}

/// Name → lines, as a golden file has them.
inline std::map<std::string, std::string> read_golden_bytes(const std::string& path) {
  std::ifstream in{path};
  std::map<std::string, std::string> all;
  std::string name;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("  ")) {
      all[name] += line + '\n';
    } else {
      name = line;
    }
  }
  return all;
}

/// `file` is beside the tests, under tests/; its name holds the version of the format.
inline void expect_golden(const std::string& file, const std::vector<GoldenMessage>& messages) {
  const std::string path = std::string{HIPPOCRYPT_SOURCE_DIR} + "/tests/" + file;
  if (std::getenv("HIPPOCRYPT_WRITE_GOLDEN") != nullptr) {
    std::ofstream out{path};
    for (const auto& message : messages) out << message.name << '\n' << hex_lines(message.bytes);
    ASSERT_TRUE(out.flush()) << path;
    ADD_FAILURE() << "wrote " << path << ": look at the difference, then test without the variable";
  }
  auto golden = read_golden_bytes(path);
  for (const auto& message : messages) {
    EXPECT_EQ(hex_lines(message.bytes), golden[message.name])
        << message.name << " of " << file
        << ": other bytes are another version of the format (docs/versions.md); raise its number, "
           "and write a new file with HIPPOCRYPT_WRITE_GOLDEN=1";
    golden.erase(message.name);
  }
  for (const auto& [name, lines] : golden) ADD_FAILURE() << file << " has " << name << ", no test";
}

}  // namespace hippocrypt::test_support
