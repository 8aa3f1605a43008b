#include "model/files/gguf/gguf_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "gguf_builder.hpp"
#include "tests/model/files/file_fixture.hpp"

namespace hippocrypt::model {
namespace {

const std::vector<float> six{1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F};

GgufBuilder small_file() {
  GgufBuilder file;
  file.text("general.architecture", "llama");
  file.u32("blocks", 7);
  file.f32("epsilon", 1e-5F);
  file.floats("t.weight", {3, 2}, six);
  return file;
}

TEST(GgufFile, ReadsBothVersions) {
  for (const std::uint32_t version : {2U, 3U}) {
    GgufBuilder builder = small_file();
    builder.version = version;
    const auto file = builder.parse();
    ASSERT_TRUE(file.has_value()) << to_string(file.error());
    EXPECT_EQ(*file->metadata().text("general.architecture"), "llama");
    const std::vector<std::uint64_t> shape{2, 3};
    ASSERT_TRUE(file->expect("t.weight", shape).has_value());
    std::vector<float> row(3);
    ASSERT_TRUE(file->read_rows(*file->tensors().find("t.weight"), 1, row).has_value());
    EXPECT_EQ(row, (std::vector<float>{4.0F, 5.0F, 6.0F}));
  }
}

TEST(GgufFile, GivesValuesOfEveryType) {
  GgufBuilder file;
  file.value("u8", 0, std::uint8_t{200});
  file.value("i8", 1, std::int8_t{-3});
  file.value("u16", 2, std::uint16_t{60000});
  file.value("i16", 3, std::int16_t{-300});
  file.value("i32", 5, std::int32_t{-70000});
  file.value("u64", 10, std::numeric_limits<std::uint64_t>::max());
  file.value("i64", 11, std::int64_t{5});
  file.value("f64", 12, 0.1);
  file.f32("f32", 1e-5F);
  file.flag("yes", true);
  file.list("texts", 8, 2);
  file.append_text("a");
  file.append_text("");
  file.list("floats", 6, 2);
  file.append(0.5F);
  file.append(-1.0F);
  file.list("numbers", 5, 2);
  file.append(std::int32_t{-1});
  file.append(std::int32_t{3});
  file.list("large", 10, 1);
  file.append(std::numeric_limits<std::uint64_t>::max());
  file.list("bytes", 0, 1);
  file.append(std::uint8_t{9});
  file.list("none", 8, 0);
  const auto parsed = file.parse();
  ASSERT_TRUE(parsed.has_value()) << to_string(parsed.error());
  const GgufMetadata& m = parsed->metadata();
  EXPECT_EQ(*m.unsigned_value("u8"), 200u);
  EXPECT_EQ(*m.unsigned_value("u16"), 60000u);
  EXPECT_EQ(*m.unsigned_value("u64"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(*m.unsigned_value("i64"), 5u);
  EXPECT_EQ(*m.number("i8"), -3.0);
  EXPECT_EQ(*m.number("i16"), -300.0);
  EXPECT_EQ(*m.number("i32"), -70000.0);
  EXPECT_EQ(*m.number("f64"), 0.1);
  EXPECT_EQ(*m.number("f32"), 1e-5);  // not the float's own value
  EXPECT_TRUE(*m.flag_or("yes", false));
  EXPECT_EQ(*m.texts("texts", 2), (std::vector<std::string_view>{"a", ""}));
  EXPECT_EQ(*m.floats("floats", 9), (std::vector<float>{0.5F, -1.0F}));
  EXPECT_EQ(*m.integers("numbers", 9), (std::vector<std::int64_t>{-1, 3}));
  EXPECT_EQ(*m.integers("bytes", 9), std::vector<std::int64_t>{9});
  EXPECT_TRUE(m.texts("none", 0)->empty());
  EXPECT_TRUE(m.is_list("none") && !m.is_list("u8") && !m.is_list("absent"));
  EXPECT_EQ(*m.unsigned_or("absent", 4), 4u);
  EXPECT_EQ(*m.number_or("absent", 0.5), 0.5);
  EXPECT_EQ(*m.text_or("absent", "x"), "x");
  EXPECT_TRUE(*m.flag_or("absent", true));

  HIPPOCRYPT_EXPECT_ERROR(m.unsigned_value("absent"), Errc::malformed, "absent is missing");
  HIPPOCRYPT_EXPECT_ERROR(m.unsigned_value("i8"), Errc::malformed, "i8 must be a whole number");
  HIPPOCRYPT_EXPECT_ERROR(m.unsigned_value("floats"), Errc::malformed, "whole number");
  HIPPOCRYPT_EXPECT_ERROR(m.number("texts"), Errc::malformed, "a number");
  HIPPOCRYPT_EXPECT_ERROR(m.text("u8"), Errc::malformed, "text");
  HIPPOCRYPT_EXPECT_ERROR(m.flag_or("u8", true), Errc::malformed, "true or false");
  HIPPOCRYPT_EXPECT_ERROR(m.texts("floats", 9), Errc::malformed, "a list of texts");
  HIPPOCRYPT_EXPECT_ERROR(m.texts("u8", 9), Errc::malformed, "a list");
  HIPPOCRYPT_EXPECT_ERROR(m.texts("texts", 1), Errc::limit_exceeded, "2 elements; at most 1");
  HIPPOCRYPT_EXPECT_ERROR(m.floats("numbers", 9), Errc::malformed, "a list of floats");
  HIPPOCRYPT_EXPECT_ERROR(m.integers("floats", 9), Errc::malformed, "a list of whole numbers");
  HIPPOCRYPT_EXPECT_ERROR(m.integers("large", 9), Errc::malformed, "below 2^63");
}

TEST(GgufFile, RefusesOtherFormatsByName) {
  const auto parse = [](Bytes bytes) {
    return GgufFile::parse(SharedBytes{std::move(bytes)}, "made.gguf");
  };
  HIPPOCRYPT_EXPECT_ERROR(parse({}), Errc::malformed, "truncated");
  const ByteView lora = as_bytes("ggla and more");
  HIPPOCRYPT_EXPECT_ERROR(parse(Bytes{lora.begin(), lora.end()}), Errc::malformed,
                          "does not begin as a GGUF file");
  GgufBuilder file = small_file();
  file.version = 1;
  HIPPOCRYPT_EXPECT_ERROR(file.parse(), Errc::unsupported, "GGUF version 1");
  file.version = 4;
  HIPPOCRYPT_EXPECT_ERROR(file.parse(), Errc::unsupported, "GGUF version 4");
  file.version = 0x03000000;
  HIPPOCRYPT_EXPECT_ERROR(file.parse(), Errc::unsupported, "big-endian");
}

TEST(GgufFile, RefusesEveryTruncation) {
  GgufBuilder builder = small_file();
  builder.list("words", 8, 2);
  builder.append_text("one");
  builder.append_text("two");
  const Bytes whole = builder.build();
  ASSERT_TRUE(builder.parse().has_value());
  // The last eight bytes are padding after the only tensor.
  for (std::size_t size = 0; size + 8 < whole.size(); ++size) {
    const auto cut =
        GgufFile::parse(SharedBytes{Bytes(whole.begin(), whole.begin() + long(size))}, "made.gguf");
    ASSERT_FALSE(cut.has_value()) << size;
    EXPECT_EQ(cut.error().code, Errc::malformed) << size << ": " << cut.error().detail;
  }
}

TEST(GgufFile, RefusesCountsThatTheFileCannotHold) {
  constexpr std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();
  GgufBuilder pairs = small_file();
  pairs.extra_pairs = huge / 2;
  HIPPOCRYPT_EXPECT_ERROR(pairs.parse(), Errc::limit_exceeded, "metadata pairs; at most 65536");
  GgufBuilder tensors = small_file();
  tensors.extra_tensors = 1 << 20;
  HIPPOCRYPT_EXPECT_ERROR(tensors.parse(), Errc::limit_exceeded, "tensors; at most 65536");
  for (const std::uint32_t element : {0U, 4U, 6U, 8U, 12U}) {
    GgufBuilder list = small_file();
    list.list("l", element, huge / 4);
    HIPPOCRYPT_EXPECT_ERROR(list.parse(), Errc::malformed, "metadata l: truncated");
  }
  GgufBuilder key;
  key.text(std::string(65536, 'k'), "v");
  HIPPOCRYPT_EXPECT_ERROR(key.parse(), Errc::limit_exceeded, "metadata pair 0: a name of 65536");
  GgufBuilder name = small_file();
  name.floats(std::string(256, 'n'), {6}, six);
  HIPPOCRYPT_EXPECT_ERROR(name.parse(), Errc::limit_exceeded, "tensor 1: a name of 256");
}

TEST(GgufFile, RefusesMalformedMetadata) {
  GgufBuilder twice = small_file();
  twice.u32("blocks", 8);
  HIPPOCRYPT_EXPECT_ERROR(twice.parse(), Errc::malformed, "blocks comes twice");
  GgufBuilder type = small_file();
  type.value("odd", 13, std::uint32_t{0});
  HIPPOCRYPT_EXPECT_ERROR(type.parse(), Errc::malformed, "odd: there is no value type 13");
  GgufBuilder element = small_file();
  element.list("odd", 99, 0);
  HIPPOCRYPT_EXPECT_ERROR(element.parse(), Errc::malformed, "no value type 99");
  GgufBuilder nested = small_file();
  nested.list("deep", 9, 1);
  HIPPOCRYPT_EXPECT_ERROR(nested.parse(), Errc::unsupported, "deep: lists of lists");
  GgufBuilder flag;
  flag.value("f", 7, std::uint8_t{2});
  HIPPOCRYPT_EXPECT_ERROR(flag.parse()->metadata().flag_or("f", false), Errc::malformed,
                          "true or false");
  GgufBuilder printed = small_file();
  printed.value("\x1b[2J" + std::string(200, 'x'), 13, std::uint32_t{0});
  HIPPOCRYPT_EXPECT_ERROR(printed.parse(), Errc::malformed, "?[2Jxxx");
  EXPECT_LT(printed.parse().error().detail.size(), 160u);
}

TEST(GgufFile, RefusesAlignmentsThatAreNone) {
  for (const std::uint32_t alignment : {0U, 24U, 1U << 21}) {
    GgufBuilder file = small_file();
    file.u32("general.alignment", alignment);
    HIPPOCRYPT_EXPECT_ERROR(file.parse(), Errc::malformed, "a power of two");
  }
  GgufBuilder file;
  file.alignment = 64;
  file.u32("general.alignment", 64);
  file.floats("a", {2}, std::span{six}.first(2));
  file.floats("b", {2}, std::span{six}.last(2));
  const auto parsed = file.parse();
  ASSERT_TRUE(parsed.has_value()) << to_string(parsed.error());
  std::vector<float> b(2);
  ASSERT_TRUE(parsed->read_rows(*parsed->tensors().find("b"), 0, b).has_value());
  EXPECT_EQ(b, (std::vector<float>{5.0F, 6.0F}));
}

/// The error of a file whose table has this entry beside a right one of 24 bytes at offset 0.
Result<GgufFile> with_entry(std::vector<std::uint64_t> dimensions, std::uint32_t type,
                            std::uint64_t offset, std::string_view name = "bad") {
  GgufBuilder file = small_file();
  file.entry(name, std::move(dimensions), type, offset);
  return file.parse();
}

TEST(GgufFile, RefusesTensorsThatCannotBe) {
  constexpr std::uint64_t huge = std::uint64_t{1} << 62;
  const auto code = Errc::malformed;
  HIPPOCRYPT_EXPECT_ERROR(with_entry({}, 0, 0), code, "bad: 0 dimensions");
  HIPPOCRYPT_EXPECT_ERROR(with_entry({1, 1, 1, 1, 1}, 0, 0), code, "5 dimensions");
  HIPPOCRYPT_EXPECT_ERROR(with_entry({4, 0}, 0, 0), code, "a dimension of 0");
  HIPPOCRYPT_EXPECT_ERROR(with_entry({huge, 8}, 0, 0), code, "dimensions overflow");
  HIPPOCRYPT_EXPECT_ERROR(with_entry({huge, 2}, 0, 0), code, "size overflows");
  HIPPOCRYPT_EXPECT_ERROR(with_entry({33, 2}, 3, 0), code, "no whole Q4_1 blocks of 32");
  HIPPOCRYPT_EXPECT_ERROR(with_entry({2}, 0, 8), code, "no multiple of 32");
  HIPPOCRYPT_EXPECT_ERROR(with_entry({2}, 0, 32), code, "ends after the file's 32 bytes");
  HIPPOCRYPT_EXPECT_ERROR(with_entry({9}, 0, 0), code, "ends after");
  HIPPOCRYPT_EXPECT_ERROR(with_entry({2}, 0, huge), code, "ends after");
  HIPPOCRYPT_EXPECT_ERROR(with_entry({2}, 99, huge), code, "ends after");
  HIPPOCRYPT_EXPECT_ERROR(with_entry({2}, 0, 0), code, "overlaps");
  HIPPOCRYPT_EXPECT_ERROR(with_entry({2}, 0, 0, "t.weight"), code, "t.weight comes twice");
}

TEST(GgufFile, SaysWhatIsWrongWithATensorThatIsAskedFor) {
  GgufBuilder builder = small_file();
  const std::array<float, 1> bad{std::numeric_limits<float>::infinity()};
  builder.floats("inf", {1}, bad);
  builder.tensor("odd", {32}, 16, as_bytes("x"));
  const auto file = builder.parse();
  ASSERT_TRUE(file.has_value()) << to_string(file.error());
  const std::vector<std::uint64_t> shape{3, 2}, one{32};
  HIPPOCRYPT_EXPECT_ERROR(file->expect("absent", shape), Errc::not_found, "no tensor absent");
  HIPPOCRYPT_EXPECT_ERROR(file->expect("t.weight", shape), Errc::mismatch,
                          "has shape (2, 3); (3, 2) is needed");
  HIPPOCRYPT_EXPECT_ERROR(file->expect("odd", one), Errc::unsupported, "IQ2_XXS");
  std::vector<float> out(1);
  HIPPOCRYPT_EXPECT_ERROR(file->read_rows(*file->tensors().find("inf"), 0, out), Errc::not_finite,
                          "tensor inf");
}

TEST(GgufFile, OpensFilesAndTellsThemApart) {
  const TemporaryFolder folder;
  const Bytes bytes = small_file().build();
  ASSERT_TRUE(write_file_atomically(folder / "a.bin", bytes).has_value());
  write_text(folder / "b.gguf", "{}");
  EXPECT_TRUE(is_gguf_file(folder / "a.bin"));
  EXPECT_FALSE(is_gguf_file(folder / "b.gguf"));
  EXPECT_FALSE(is_gguf_file(folder.path()));
  EXPECT_FALSE(is_gguf_file(folder / "absent"));
  EXPECT_EQ(GgufFile::open(folder / "a.bin")->file_bytes(), bytes.size());
  HIPPOCRYPT_EXPECT_ERROR(GgufFile::open(folder / "absent"), Errc::not_found, "absent");
  HIPPOCRYPT_EXPECT_ERROR(GgufFile::open(folder / "a.bin", 16), Errc::limit_exceeded, "16");
  HIPPOCRYPT_EXPECT_ERROR(GgufFile::open(folder.path()), Errc::io, "");
}

TEST(GgufFile, ReadsAVocabularyAlone) {
  const auto path = reference_path("tiny_tokenizers/llama2/vocab.gguf");
  HIPPOCRYPT_NEED_REFERENCE(path);
  const auto file = GgufFile::open(path);
  ASSERT_TRUE(file.has_value()) << to_string(file.error());
  EXPECT_TRUE(file->tensors().empty());
  const auto tokens = file->metadata().texts("tokenizer.ggml.tokens", 4096);
  ASSERT_TRUE(tokens.has_value());
  ASSERT_EQ(tokens->size(), 4096u);
  EXPECT_EQ((*tokens)[3], "<0x00>");
  EXPECT_EQ(file->metadata().floats("tokenizer.ggml.scores", 4096)->size(), 4096u);
}

}  // namespace
}  // namespace hippocrypt::model
