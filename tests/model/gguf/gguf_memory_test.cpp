// What opening a file may take: no more than the file and 64 MiB, whatever it claims.

#include <gtest/gtest.h>

#include "gguf_builder.hpp"
#include "model/files/gguf/gguf_model.hpp"
#include "tests/support/allocation_meter.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::size_t allowance = std::size_t{64} << 20;

/// Opens the file and what is in it; returns the most memory that took beyond the file's own.
template <class Read>
std::size_t peak_of(const GgufBuilder& builder, const Read& read) {
  const SharedBytes bytes{builder.build()};
  const test::AllocationMeter meter;
  const auto file = GgufFile::parse(bytes, "made.gguf");
  if (file.has_value()) read(*file);
  return meter.peak_bytes();
}

TEST(GgufMemory, TablesOfAsManyEntriesAsAreAllowedAreSmall) {
  GgufBuilder file;
  const std::vector<float> value(1);
  for (std::uint64_t i = 0; i < max_gguf_entries; ++i) {
    file.u32("k" + std::to_string(i), 1);
    file.entry("t" + std::to_string(i), {1}, 16, 0);  // of a type without a known size
  }
  std::size_t tensors = 0;
  EXPECT_LT(peak_of(file, [&](const GgufFile& opened) { tensors = opened.tensors().size(); }),
            allowance);
  EXPECT_EQ(tensors, max_gguf_entries);
}

TEST(GgufMemory, ShapesThatAreClaimedAreNotPaidFor) {
  GgufBuilder file;
  file.text("general.architecture", "llama");
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, std::uint32_t>>{{"block_count", 1024},
                                                          {"context_length", 64},
                                                          {"embedding_length", 1},
                                                          {"feed_forward_length", 1U << 17},
                                                          {"attention.head_count", 1},
                                                          {"attention.key_length", 1024}}) {
    file.u32("llama." + key, value);
  }
  file.f32("llama.attention.layer_norm_rms_epsilon", 1e-6F);
  const std::vector<float> one(1);
  file.floats("token_embd.weight", {1, 1}, one);
  Errc code = Errc::cancelled;
  const auto load = [&](const GgufFile& opened) {
    const auto model = load_gguf_model(opened);
    ASSERT_FALSE(model.has_value());
    code = model.error().code;
  };
  EXPECT_LT(peak_of(file, load), allowance);
  EXPECT_EQ(code, Errc::not_found);
}

TEST(GgufMemory, ListsAreNotCopiedBeforeTheyAreAskedFor) {
  GgufBuilder file;
  constexpr std::uint64_t count = std::uint64_t{1} << 22;
  file.list("texts", 8, count);
  for (std::uint64_t i = 0; i < count; ++i) file.append_text("");
  bool refused = false;
  EXPECT_LT(peak_of(file,
                    [&](const GgufFile& opened) {
                      refused = !opened.metadata().texts("texts", 1U << 20).has_value();
                    }),
            std::size_t{1} << 20);
  EXPECT_TRUE(refused);
}

}  // namespace
}  // namespace hippocrypt::model
