// GGUF files that are cut off, damaged or made to do harm.

#include <functional>

#include "model/files/open_weights.hpp"
#include "tests/model/files/file_fixture.hpp"
#include "tests/model/gguf/gguf_builder.hpp"
#include "tests/model/hostile/hostile_files.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::uint64_t most = ~std::uint64_t{0};
constexpr std::uint64_t high_bit = std::uint64_t{1} << 63;
constexpr std::size_t width = 32;

/// Blocks of one type: scale 1 (halves), the rest a pattern.
Bytes blocks(std::size_t count, std::size_t block_bytes) {
  Bytes out(count * block_bytes);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(i * 7);
  for (std::size_t block = 0; block < count; ++block) {
    out[block * block_bytes] = 0x00;
    out[block * block_bytes + 1] = 0x3C;
    if (block_bytes != 20) continue;  // Q4_1 has a second half
    out[block * block_bytes + 2] = 0x00;
    out[block * block_bytes + 3] = 0xBC;
  }
  return out;
}

void write_metadata(GgufBuilder& file) {
  file.text("general.architecture", "llama");
  for (const auto& [key, value] :
       {std::pair{"llama.block_count", 1U}, std::pair{"llama.context_length", 16U},
        std::pair{"llama.embedding_length", 32U}, std::pair{"llama.feed_forward_length", 32U},
        std::pair{"llama.attention.head_count", 2U},
        std::pair{"llama.attention.head_count_kv", 1U}}) {
    file.u32(key, value);
  }
  file.f32("llama.attention.layer_norm_rms_epsilon", 1e-5F);
  file.f32("llama.rope.freq_base", 10000.0F);
  file.list("tokenizer.ggml.tokens", 8, 3);
  for (const char* token : {"a", "b", "c"}) file.append_text(token);
}

void write_tensors(GgufBuilder& file) {
  const auto quantised = [&](const char* name, std::size_t rows, bool q8) {
    file.tensor(name, {width, rows}, q8 ? 8U : 3U, blocks(rows, q8 ? 34 : 20));
  };
  quantised("token_embd.weight", 3, true);
  quantised("blk.0.attn_q.weight", 32, false);
  quantised("blk.0.attn_k.weight", 16, false);
  quantised("blk.0.attn_v.weight", 16, true);
  quantised("blk.0.attn_output.weight", 32, false);
  quantised("blk.0.ffn_gate.weight", 32, false);
  quantised("blk.0.ffn_up.weight", 32, false);
  quantised("blk.0.ffn_down.weight", 32, true);
  const std::vector<float> gains(width, 1.0F);
  for (const char* name : {"blk.0.attn_norm.weight", "blk.0.ffn_norm.weight", "output_norm.weight"})
    file.floats(name, {width}, gains);
}

Bytes valid_file() {
  GgufBuilder file;
  write_metadata(file);
  write_tensors(file);
  return file.build();
}

class HostileGgufTest : public testing::Test {
 protected:
  Result<Model> open(const Bytes& bytes) {
    write_text(path(), {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return open_weights(path().string());
  }
  void expect_refused(const std::string& what, const Bytes& bytes) {
    write_text(path(), {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    model::expect_refused(what, bytes.size(), [this] { return open_weights(path().string()); });
  }
  /// The valid file with something more, or other, in its metadata and tensors.
  void expect_refused_with(const std::string& what,
                           const std::function<void(GgufBuilder&)>& metadata,
                           const std::function<void(GgufBuilder&)>& tensors = {}) {
    GgufBuilder file;
    write_metadata(file);
    if (metadata) metadata(file);
    write_tensors(file);
    if (tensors) tensors(file);
    expect_refused(what, file.build());
  }
  std::filesystem::path path() const { return folder_ / "model.gguf"; }
  TemporaryFolder folder_;
};

TEST_F(HostileGgufTest, TheFileThatTheOthersComeFromIsValid) {
  const auto model = open(valid_file());
  ASSERT_TRUE(model.has_value()) << to_string(model.error());
  EXPECT_EQ(model->config->hidden, width);
}

TEST_F(HostileGgufTest, DamagedFilesGiveAnErrorOrAModel) {
  const Bytes file = valid_file();
  std::size_t index = 0;
  for (const Bytes& bytes : damaged(file, 120, 1400)) {
    write_text(path(), {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    expect_harmless("damaged " + std::to_string(index++), bytes.size(),
                    [this] { return open_weights(path().string()); });
  }
  for (const Bytes& bytes : truncations(file, 30)) {
    expect_refused("cut off at " + std::to_string(bytes.size()), bytes);
  }
}

TEST_F(HostileGgufTest, CountsAndLengthsThatLie) {
  for (const std::uint64_t count :
       {most, high_bit, std::uint64_t{1} << 61, std::uint64_t{65536}, std::uint64_t{1} << 32}) {
    GgufBuilder pairs;
    pairs.extra_pairs = count;
    write_metadata(pairs);
    expect_refused("pairs " + std::to_string(count), pairs.build());
    GgufBuilder tensors;
    tensors.extra_tensors = count;
    write_metadata(tensors);
    expect_refused("tensors " + std::to_string(count), tensors.build());
    for (const std::uint32_t element : {0U, 6U, 7U, 8U, 9U, 12U, 77U}) {
      expect_refused_with("list of " + std::to_string(count) + " of " + std::to_string(element),
                          [&](GgufBuilder& file) { file.list("list", element, count); });
    }
    // A text whose length comes as a number in the place of its bytes.
    Bytes text = valid_file();
    std::memcpy(text.data() + 24, &count, sizeof(count));  // the first key's length
    expect_refused("key of " + std::to_string(count), text);
    text = valid_file();
    std::memcpy(text.data() + 24 + 8 + 20 + 4, &count, sizeof(count));  // its text's
    expect_refused("text of " + std::to_string(count), text);
  }
}

TEST_F(HostileGgufTest, MetadataThatCannotBe) {
  expect_refused_with("a key twice", [](GgufBuilder& f) { f.u32("llama.block_count", 1); });
  expect_refused_with("a type that is none",
                      [](GgufBuilder& f) { f.value("x", 13, std::uint64_t{0}); });
  expect_refused_with("lists of lists", [](GgufBuilder& f) {
    f.list("x", 9, 1);
    for (int depth = 0; depth < 1000; ++depth) {
      f.append(std::uint32_t{9});
      f.append(std::uint64_t{1});
    }
  });
  for (const std::uint32_t alignment : {0U, 1U, 3U, 1U << 31, 0xFFFFFFFFU}) {
    expect_refused_with("alignment " + std::to_string(alignment), [&](GgufBuilder& f) {
      f.u32("general.alignment", alignment);
      f.text("pad", "so that the values are not where they were");
    });
  }
  expect_refused_with("expert models",
                      [](GgufBuilder& f) { f.u32("llama.expert_count", 0xFFFFFFFF); });
  expect_refused_with("a scaling factor of NaN", [](GgufBuilder& f) {
    f.text("llama.rope.scaling.type", "linear");
    f.f32("llama.rope.scaling.factor", std::numeric_limits<float>::quiet_NaN());
  });
  expect_refused_with("a key length beyond all",
                      [](GgufBuilder& f) { f.u32("llama.attention.key_length", 1U << 31); });
}

TEST_F(HostileGgufTest, ShapesThatLie) {
  const char* keys[] = {"block_count",         "context_length",       "embedding_length",
                        "feed_forward_length", "attention.head_count", "attention.head_count_kv"};
  for (const char* changed : keys) {
    for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{1} << 20,
                                      std::uint64_t{0xFFFFFFFF}, high_bit, most}) {
      GgufBuilder file;
      file.text("general.architecture", "llama");
      for (const char* key : keys) {
        const std::uint64_t right = key == std::string_view{"block_count"}               ? 1
                                    : key == std::string_view{"attention.head_count"}    ? 2
                                    : key == std::string_view{"attention.head_count_kv"} ? 1
                                                                                         : 32;
        file.value(std::string{"llama."} + key, 10, key == changed ? value : right);
      }
      file.f32("llama.attention.layer_norm_rms_epsilon", 1e-5F);
      write_tensors(file);
      const Bytes bytes = file.build();
      write_text(path(), {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
      expect_harmless(std::string{changed} + " " + std::to_string(value), bytes.size(),
                      [this] { return open_weights(path().string()); });
    }
  }
}

TEST_F(HostileGgufTest, TensorsThatCannotBe) {
  const auto with_entry = [this](const std::string& what, std::vector<std::uint64_t> dimensions,
                                 std::uint32_t type, std::uint64_t offset) {
    expect_refused_with(what, {},
                        [&](GgufBuilder& f) { f.entry("extra", dimensions, type, offset); });
  };
  with_entry("product overflows", {std::uint64_t{1} << 32, std::uint64_t{1} << 32}, 0, 0);
  with_entry("bytes overflow", {std::uint64_t{1} << 62}, 0, 0);
  with_entry("bytes wrap to little", {(std::uint64_t{1} << 62) + 1}, 0, 0);
  with_entry("a dimension of 0", {0, 4}, 0, 0);
  with_entry("no dimensions", {}, 0, 0);
  with_entry("five dimensions", {1, 1, 1, 1, 1}, 0, 0);
  with_entry("offset wraps", {8}, 0, most - 31);
  with_entry("offset beyond the end", {8}, 0, std::uint64_t{1} << 40);
  with_entry("offset out of line", {8}, 0, 4);
  with_entry("overlap", {8}, 0, 0);
  with_entry("half a block", {31}, 8, 0);
  expect_refused_with("a tensor twice", {},
                      [](GgufBuilder& f) { f.floats("output_norm.weight", {1}, {{1.0F}}); });
  expect_refused_with("an endless name", {},
                      [](GgufBuilder& f) { f.entry(std::string(70000, 'n'), {1}, 0, 0); });
}

TEST_F(HostileGgufTest, ValuesThatAreNotNumbers) {
  const Bytes valid = valid_file();
  const Bytes one_block = blocks(1, 34);
  // The embedding comes first: its scale is the first half of the values.
  const auto begin = std::search(valid.begin(), valid.end(), one_block.begin(), one_block.end());
  ASSERT_NE(begin, valid.end());
  for (const std::uint16_t scale :
       std::initializer_list<std::uint16_t>{0x7C00, 0xFC00, 0x7E00, 0x7C01}) {
    Bytes bytes = valid;
    std::memcpy(bytes.data() + (begin - valid.begin()), &scale, sizeof(scale));
    expect_refused("scale " + std::to_string(scale), bytes);
  }
  Bytes bytes = valid;
  const float infinity = std::numeric_limits<float>::infinity();
  std::memcpy(bytes.data() + bytes.size() - sizeof(float), &infinity, sizeof(float));
  expect_refused("an infinite gain", bytes);
}

TEST_F(HostileGgufTest, TablesOfManySmallEntriesStayWithinTheLimit) {
  GgufBuilder pairs;
  for (std::size_t i = 0; i + 1 < 65536; ++i) pairs.value(std::to_string(i), 0, std::uint8_t{1});
  expect_refused("65535 pairs", pairs.build());
  GgufBuilder tensors;
  write_metadata(tensors);
  for (std::size_t i = 0; i < 65536; ++i) tensors.entry(std::to_string(i), {1, 1, 1, 1}, 24, 0);
  expect_refused("65536 tensors", tensors.build());
  GgufBuilder tokens;
  write_metadata(tokens);
  tokens.list("texts", 8, 1000000);
  for (std::size_t i = 0; i < 1000000; ++i) tokens.append_text("");
  write_tensors(tokens);
  const Bytes bytes = tokens.build();
  write_text(path(), {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  expect_harmless("a million empty texts", bytes.size(),
                  [this] { return open_weights(path().string()); });
}

TEST_F(HostileGgufTest, OtherFormatsByTheFirstBytes) {
  for (const std::string_view text :
       {std::string_view{""}, std::string_view{"GGU"}, std::string_view{"GGUF"},
        std::string_view{"FUGG\0\0\0\3", 8}, std::string_view{"GGUF\3\0\0\0", 8},
        std::string_view{"GGUF\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24},
        std::string_view{"GGUF\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24},
        std::string_view{"GGUF\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24},
        std::string_view{"PK\3\4"}, std::string_view{"\x80\2}q"}}) {
    expect_refused("first bytes", bytes_of(text));
  }
}

}  // namespace
}  // namespace hippocrypt::model
