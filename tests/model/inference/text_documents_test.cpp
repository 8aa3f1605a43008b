#include "model/inference/text_documents.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::model {
namespace {

class TextDocumentsTest : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream{folder_.path() / name, std::ios::binary} << text;
    return folder_.path() / name;
  }
  Error refused(const std::string& name, const std::string& text) const {
    return read_documents(write(name, text)).error();
  }
  test_support::TemporaryFolder folder_;
};

TEST_F(TextDocumentsTest, ATextFileIsOneDocument) {
  const std::string text = "first\n\nsecond \xFF line\n";
  EXPECT_EQ(read_documents(write("a.txt", text)).value(), std::vector<std::string>{text});
  EXPECT_EQ(read_documents(write("noname", text)).value(), std::vector<std::string>{text});
}

TEST_F(TextDocumentsTest, JsonLinesAreADocumentEach) {
  const auto documents = read_documents(
      write("a.jsonl", "{\"text\": \"one\\nline\", \"more\": 1}\n\n  \r\n{\"text\": \"two\"}"));
  EXPECT_EQ(documents.value(), (std::vector<std::string>{"one\nline", "two"}));
}

TEST_F(TextDocumentsTest, NamesTheLineAndTheFieldThatAreWrong) {
  const auto expect = [&](const std::string& text, Errc code, const std::string& part) {
    const Error error = refused("a.jsonl", text);
    EXPECT_EQ(error.code, code) << error.detail;
    EXPECT_NE(error.detail.find(part), std::string::npos) << error.detail;
  };
  expect("{\"text\": \"a\"}\n{\"txt\": \"b\"}\n", Errc::malformed, "a.jsonl:2: text");
  expect("{\"text\": 7}\n", Errc::malformed, "a.jsonl:1: text");
  expect("\n[1]\n", Errc::malformed, "a.jsonl:2");
  expect("{\"text\": \"a\"", Errc::malformed, "a.jsonl:1");
  expect("\n", Errc::malformed, "no text");
  expect(std::string(100, '[') + "\n", Errc::limit_exceeded, "a.jsonl:1");
  expect("{\"text\": \"" + std::string((16 << 20) + 1, 'a') + "\"}", Errc::limit_exceeded,
         "a.jsonl:1");
}

TEST_F(TextDocumentsTest, RefusesFilesThatAreNotThere) {
  EXPECT_EQ(read_documents(folder_.path() / "none.txt").error().code, Errc::not_found);
  EXPECT_EQ(read_documents(folder_.path()).error().code, Errc::io);
  EXPECT_EQ(refused("empty.txt", "").code, Errc::malformed);
}

TEST_F(TextDocumentsTest, RefusesAFileAboveTheLimitUnread) {
  const auto path = write("large.txt", "x");
  std::filesystem::resize_file(path, max_evaluation_file_bytes + 1);
  EXPECT_EQ(read_documents(path).error().code, Errc::limit_exceeded);
}

}  // namespace
}  // namespace hippocrypt::model
