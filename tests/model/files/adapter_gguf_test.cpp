#include "model/files/adapter_gguf.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "model/files/gguf/gguf_file.hpp"
#include "model/files/half.hpp"
#include "tests/model/files/file_fixture.hpp"

namespace hippocrypt::model {
namespace {

ModelConfig tiny_config() {
  ModelLiteral literal;
  literal.vocab = 5;
  literal.hidden = 4;
  literal.blocks = 1;
  literal.heads = 2;
  literal.kv_heads = 1;
  literal.head_dim = 4;
  literal.ffn = 6;
  literal.max_context = 8;
  return *ModelConfig::create(literal);
}

/// Rank 1 on q (8 rows) and o: A is 1, 2, … and B counts its rows from 10.
LoraAdapter tiny_adapter() {
  const ModelConfig model = tiny_config();
  LoraAdapter adapter{model, *LoraConfig::create({1, 2.0, {LoraTarget::q, LoraTarget::o}}, model)};
  for (std::size_t i = 0; i < 2; ++i) {
    float next = 1.0F;
    for (float& value : adapter.at(0, i).a.values()) value = next++;
    next = 10.0F;
    for (float& value : adapter.at(0, i).b.values()) value = next++;
  }
  return adapter;
}

void put_u64(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}
void put_u32(std::string& out, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}
void put_text(std::string& out, std::string_view text) {
  put_u64(out, text.size());
  out += text;
}
void put_tensor(std::string& out, std::string_view name, std::uint64_t fast, std::uint64_t slow,
                std::uint64_t offset) {
  put_text(out, name);
  put_u32(out, 2);
  put_u64(out, fast);
  put_u64(out, slow);
  put_u32(out, 0);  // F32
  put_u64(out, offset);
}

/// The file of tiny_adapter(), written out by hand from the format's description.
std::string golden_file(const std::vector<float>& q_b) {
  std::string out = "GGUF";
  put_u32(out, 3);
  put_u64(out, 4);  // tensors
  put_u64(out, 4);  // pairs
  for (const auto& [key, value] :
       {std::pair{"general.architecture", "llama"}, std::pair{"general.type", "adapter"},
        std::pair{"adapter.type", "lora"}}) {
    put_text(out, key);
    put_u32(out, 8);
    put_text(out, value);
  }
  put_text(out, "adapter.lora.alpha");
  put_u32(out, 6);
  put_u32(out, 0x40000000);  // 2.0
  put_tensor(out, "blk.0.attn_q.weight.lora_a", 4, 1, 0);
  put_tensor(out, "blk.0.attn_q.weight.lora_b", 1, 8, 32);
  put_tensor(out, "blk.0.attn_output.weight.lora_a", 8, 1, 64);
  put_tensor(out, "blk.0.attn_output.weight.lora_b", 1, 4, 96);
  const auto pad = [&out] { out.resize((out.size() + 31) / 32 * 32); };
  const auto put_values = [&](const std::vector<float>& values) {
    out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    pad();
  };
  pad();
  put_values({1, 2, 3, 4});
  put_values(q_b);
  put_values({1, 2, 3, 4, 5, 6, 7, 8});
  put_values({10, 11, 12, 13});
  return out;
}

class AdapterGgufTest : public testing::Test {
 protected:
  std::string written(const AdapterGgufOptions& options) {
    const Status status = write_adapter_gguf(tiny_adapter(), tiny_config(), options, path());
    EXPECT_TRUE(status.has_value()) << to_string(status.error());
    return *read_text_file(path(), 1 << 20);
  }
  std::filesystem::path path() const { return folder_ / "adapter.gguf"; }
  TemporaryFolder folder_;
};

TEST_F(AdapterGgufTest, WritesTheBytesOfTheFormatWithRotaryPairsInterleaved) {
  // Heads of 4 rows: 0 1 2 3 become 0 2 1 3.
  EXPECT_EQ(written({.architecture = "llama"}), golden_file({10, 12, 11, 13, 14, 16, 15, 17}));
}

TEST_F(AdapterGgufTest, LeavesTheRowsOfOtherArchitecturesInPlace) {
  std::string wanted = golden_file({10, 11, 12, 13, 14, 15, 16, 17});
  const std::string got = written({.architecture = "qwen2"});
  ASSERT_EQ(got.size(), wanted.size());
  // The header differs in the architecture alone, the values not at all.
  wanted.replace(wanted.find("llama"), 5, "qwen2");
  EXPECT_EQ(got, wanted);
}

TEST_F(AdapterGgufTest, IsWhatOurOwnReaderReads) {
  const LoraAdapter adapter = tiny_adapter();
  written({.architecture = "llama", .dtype = TensorDtype::f16});
  const auto file = GgufFile::open(path());
  ASSERT_TRUE(file.has_value()) << to_string(file.error());
  EXPECT_EQ(file->metadata().text("general.type").value(), "adapter");
  EXPECT_EQ(file->metadata().number("adapter.lora.alpha").value(), 2.0);
  EXPECT_EQ(file->tensors().size(), 4u);
  const std::vector<std::uint64_t> shape{4, 1};
  const char* name = "blk.0.attn_output.weight.lora_b";
  ASSERT_TRUE(file->expect(name, shape).has_value());
  std::vector<float> values(4);
  ASSERT_TRUE(file->read_rows(*file->tensors().find(name), 0, values).has_value());
  EXPECT_TRUE(std::equal(values.begin(), values.end(), adapter.at(0, 1).b.values().begin()));
}

TEST_F(AdapterGgufTest, WritesHalves) {
  const std::string got =
      written({.architecture = "qwen2", .name = "n", .dtype = TensorDtype::f16});
  // Four tensors of 8, 16, 16 and 8 bytes, each padded to 32.
  const std::size_t values = got.size() - 4 * 32;
  EXPECT_EQ(values % 32, 0u);
  for (std::size_t i = 0; i < 8; ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, got.data() + values + 32 + 2 * i, 2);
    EXPECT_EQ(half_to_float(half), 10.0F + static_cast<float>(i));
  }
  EXPECT_NE(got.find("general.name"), std::string::npos);
}

TEST_F(AdapterGgufTest, RefusesWhatLlamaCppWouldNotRead) {
  const auto write = [this](const LoraAdapter& adapter, const AdapterGgufOptions& options) {
    return write_adapter_gguf(adapter, tiny_config(), options, path());
  };
  LoraAdapter adapter = tiny_adapter();
  HIPPOCRYPT_EXPECT_ERROR(write(adapter, {.architecture = "gpt2"}), Errc::unsupported, "gpt2");
  HIPPOCRYPT_EXPECT_ERROR(write(adapter, {.architecture = "llama", .dtype = TensorDtype::bf16}),
                          Errc::unsupported, "f32 or f16");
  adapter.at(0, 1).b(2, 0) = 1e6F;
  HIPPOCRYPT_EXPECT_ERROR(write(adapter, {.architecture = "llama", .dtype = TensorDtype::f16}),
                          Errc::out_of_range, "blk.0.attn_output.weight.lora_b");
  adapter.at(0, 1).b(2, 0) = std::nanf("");
  HIPPOCRYPT_EXPECT_ERROR(write(adapter, {.architecture = "llama"}), Errc::not_finite,
                          "blk.0.attn_output.weight.lora_b");
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
  write_text(folder_ / "file", "x");
  HIPPOCRYPT_EXPECT_ERROR(write_adapter_gguf(tiny_adapter(), tiny_config(),
                                             {.architecture = "llama"}, folder_ / "file" / "x"),
                          Errc::io, "file");
}

}  // namespace
}  // namespace hippocrypt::model
