// safetensors files that are cut off, damaged or made to do harm.

#include "model/files/safetensors.hpp"
#include "tests/model/files/file_fixture.hpp"
#include "tests/model/hostile/hostile_files.hpp"

namespace hippocrypt::model {
namespace {

/// Header length, header, zeros.
Bytes file_of(std::string_view header, std::size_t data_bytes) {
  const std::uint64_t length = header.size();
  std::string out{reinterpret_cast<const char*>(&length), sizeof(length)};
  return bytes_of(out.append(header).append(data_bytes, '\0'));
}

class HostileSafetensorsTest : public testing::Test {
 protected:
  void write(const Bytes& bytes) {
    write_text(path(), {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  /// Opens the file and reads every matrix in it.
  Result<std::size_t> read_all() {
    HIPPOCRYPT_TRY(SafetensorsFile file, SafetensorsFile::open(path()));
    for (const auto& [name, info] : file.tensors()) {
      if (info.shape.size() != 2) continue;
      HIPPOCRYPT_TRY_VOID(file.read_matrix(name));
    }
    return file.tensors().size();
  }
  void expect_harmless(const std::string& what, const Bytes& bytes) {
    write(bytes);
    model::expect_harmless(what, bytes.size(), [this] { return read_all(); });
  }
  void expect_refused(const std::string& what, const Bytes& bytes) {
    write(bytes);
    model::expect_refused(what, bytes.size(), [this] { return read_all(); });
  }
  Bytes valid_file() {
    const std::vector<float> values(24, 0.5F);
    EXPECT_TRUE(write_safetensors(
        path(), {{"first", {4, 6}, values}, {"second", {2, 3}, {values.data(), 6}}}));
    return *read_file(path(), 1 << 20);
  }
  std::filesystem::path path() const { return folder_ / "model.safetensors"; }
  TemporaryFolder folder_;
};

TEST_F(HostileSafetensorsTest, DamagedFilesGiveAnErrorOrTensors) {
  const Bytes file = valid_file();
  ASSERT_EQ(*read_all(), 2u);
  std::size_t index = 0;
  for (const Bytes& bytes : damaged(file, 120, 200)) {
    expect_harmless("damaged " + std::to_string(index++), bytes);
  }
  for (const Bytes& bytes : truncations(file, 20)) {
    expect_refused("cut off at " + std::to_string(bytes.size()), bytes);
  }
}

TEST_F(HostileSafetensorsTest, HeaderLengthsThatLie) {
  const Bytes valid = valid_file();
  for (const std::uint64_t length :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{7}, std::uint64_t{valid.size()},
        std::uint64_t{valid.size() - 7}, std::uint64_t{1} << 32, std::uint64_t{1} << 63,
        ~std::uint64_t{0}, ~std::uint64_t{0} - 7}) {
    Bytes bytes = valid;
    std::memcpy(bytes.data(), &length, sizeof(length));
    expect_refused("header of " + std::to_string(length), bytes);
  }
}

TEST_F(HostileSafetensorsTest, HeadersThatCannotBe) {
  const char* headers[] = {
      "",
      "[]",
      "null",
      "{",
      "{}}",
      "\"\"",
      "{\"a\":1}",
      "{\"a\":[]}",
      "{\"__metadata__\":3}",
      R"({"__metadata__":{"a":3}})",
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
      R"("a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"shape":[2]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,16]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551616]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}})",
      R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":32,"shape":[2],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}})",
      R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
      R"("b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
      "{\"\xFF\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
  };
  for (const char* header : headers) expect_refused(header, file_of(header, 8));
}

TEST_F(HostileSafetensorsTest, EmptyTensorsOfEndlessRowsTakeNoMemory) {
  expect_harmless("rows without columns",
                  file_of(R"({"a":{"dtype":"F32","shape":[1152921504606846976,0],)"
                          R"("data_offsets":[0,0]}})",
                          0));
}

TEST_F(HostileSafetensorsTest, DeepAndDenseHeadersStayWithinTheLimit) {
  expect_refused("brackets", file_of(std::string(1000000, '['), 0));
  expect_refused("objects", file_of(
                                [] {
                                  std::string text;
                                  for (int i = 0; i < 100000; ++i) text += "{\"a\":";
                                  return text;
                                }(),
                                0));
  // As many values as a header may hold, in the forms that take the most memory each.
  std::string keys = "{", list = "{\"a\":[", texts = "{\"a\":[";
  for (std::size_t i = 0; keys.size() + 24 < max_safetensors_header_bytes; ++i) {
    keys += "\"" + std::to_string(i) + "\":{},";
  }
  while (list.size() + 8 < max_safetensors_header_bytes) list += "[],";
  while (texts.size() + 8 < max_safetensors_header_bytes) texts += "\"\",";
  expect_refused("many keys", file_of(keys + "\"\":{}}", 0));
  expect_refused("many lists", file_of(list + "[]]}", 0));
  expect_refused("many texts", file_of(texts + "\"\"]}", 0));
  std::string name(max_safetensors_header_bytes - 8, 'n');
  expect_refused("an endless name", file_of("{\"" + name + "\":1}", 0));
}

TEST_F(HostileSafetensorsTest, ValuesThatAreNotNumbers) {
  const Bytes valid = valid_file();
  for (const std::uint32_t bits : {0x7F800000U, 0xFF800000U, 0x7FC00000U, 0x7F800001U}) {
    Bytes bytes = valid;
    std::memcpy(bytes.data() + bytes.size() - 4, &bits, sizeof(bits));
    expect_refused("bits " + std::to_string(bits), bytes);
  }
  for (const char* dtype : {"F16", "BF16"}) {
    Bytes bytes = file_of(
        R"({"a":{"dtype":")" + std::string{dtype} + R"(","shape":[1,2],"data_offsets":[0,4]}})", 4);
    bytes.back() = 0x7F;
    bytes[bytes.size() - 2] = 0xC1;
    expect_refused(dtype, bytes);
  }
}

}  // namespace
}  // namespace hippocrypt::model
