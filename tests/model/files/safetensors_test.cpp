#include "model/files/safetensors.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>

#include "base/random.hpp"
#include "model/files/half.hpp"
#include "tests/model/files/file_fixture.hpp"

namespace hippocrypt::model {
namespace {

/// A file of this header and these data bytes, whatever they mean.
Bytes file_of(std::string_view header, ByteView data) {
  Bytes bytes(8);
  const std::uint64_t size = header.size();
  std::memcpy(bytes.data(), &size, 8);
  const ByteView text = as_bytes(header);
  bytes.insert(bytes.end(), text.begin(), text.end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

class SafetensorsTest : public testing::Test {
 protected:
  Result<SafetensorsFile> open(ByteView bytes) {
    // Not synced, as a thousand files are written here.
    std::ofstream out{path(), std::ios::binary};
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    out.close();
    HIPPOCRYPT_CHECK(out.good());
    return SafetensorsFile::open(path());
  }
  Result<SafetensorsFile> open(std::string_view header, std::size_t data_bytes) {
    return open(file_of(header, Bytes(data_bytes)));
  }
  std::filesystem::path path() const { return folder_ / "x.safetensors"; }

  /// A small file of two tensors.
  Bytes small_file() {
    const std::vector<float> a{1.0f, -2.5f, 3.25f, 0.0f, 5.0f, 6.0f}, b{7.0f};
    HIPPOCRYPT_CHECK(
        write_safetensors(path(), {{"layer.b", {1}, b}, {"layer.a", {2, 3}, a}}).has_value());
    return *read_file(path(), 4096);
  }

  TemporaryFolder folder_;
};

TEST_F(SafetensorsTest, ReadsBackWhatItWrites) {
  small_file();
  auto file = SafetensorsFile::open(path());
  ASSERT_TRUE(file.has_value()) << to_string(file.error());
  EXPECT_EQ(file->metadata().at("format"), "pt");
  ASSERT_EQ(file->tensors().size(), 2u);
  EXPECT_TRUE(file->contains("layer.a"));
  EXPECT_TRUE(file->expect("layer.a", std::vector<std::uint64_t>{2, 3}).has_value());
  const auto a = file->read_matrix("layer.a");
  ASSERT_TRUE(a.has_value());
  EXPECT_EQ((*a)(0, 1), -2.5f);
  EXPECT_EQ((*a)(1, 2), 6.0f);
  std::vector<float> b(1);
  ASSERT_TRUE(file->read_into("layer.b", b).has_value());
  EXPECT_EQ(b[0], 7.0f);
}

TEST_F(SafetensorsTest, WritesTheSameBytesInAnyOrderWithAlignedValues) {
  const Bytes first = small_file();
  const std::vector<float> a{1.0f, -2.5f, 3.25f, 0.0f, 5.0f, 6.0f}, b{7.0f};
  ASSERT_TRUE(write_safetensors(path(), {{"layer.a", {2, 3}, a}, {"layer.b", {1}, b}}).has_value());
  EXPECT_EQ(*read_file(path(), 4096), first);
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, first.data(), 8);
  EXPECT_EQ(header_bytes % 8, 0u);
}

TEST_F(SafetensorsTest, ReadsAndWritesAFileWithoutTensors) {
  ASSERT_TRUE(write_safetensors(path(), {}).has_value());
  const auto file = SafetensorsFile::open(path());
  ASSERT_TRUE(file.has_value()) << to_string(file.error());
  EXPECT_TRUE(file->tensors().empty());
}

TEST_F(SafetensorsTest, WidensHalfPrecisionExactly) {
  // 1, -2, the smallest subnormal, the largest finite value, negative zero.
  const std::vector<std::uint16_t> raw{0x3C00, 0xC000, 0x0001, 0x7BFF, 0x8000};
  auto file = open(file_of(R"({"t":{"dtype":"F16","shape":[5],"data_offsets":[0,10]}})",
                           {reinterpret_cast<const std::uint8_t*>(raw.data()), 10}));
  ASSERT_TRUE(file.has_value()) << to_string(file.error());
  std::vector<float> values(5);
  ASSERT_TRUE(file->read_into("t", values).has_value());
  EXPECT_EQ(values, (std::vector<float>{1.0f, -2.0f, std::ldexp(1.0f, -24), 65504.0f, -0.0f}));
  EXPECT_TRUE(std::signbit(values[4]));
}

TEST(HalfPrecision, EveryFiniteValueFollowsItsDefinition) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const int exponent = static_cast<int>((bits >> 10) & 31u);
    const int fraction = static_cast<int>(bits & 1023u);
    const double sign = (bits & 0x8000u) != 0 ? -1.0 : 1.0;
    const float got = half_to_float(static_cast<std::uint16_t>(bits));
    if (exponent == 31) {
      EXPECT_EQ(std::isnan(got), fraction != 0);
      EXPECT_EQ(std::isinf(got), fraction == 0);
      continue;
    }
    const double magnitude =
        exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    ASSERT_EQ(static_cast<double>(got), sign * magnitude) << bits;
  }
}

TEST(HalfPrecision, NarrowingGivesTheNearestWithTiesToEven) {
  for (unsigned bits = 0; bits + 1 < 0x7C00u; ++bits) {
    const auto low = static_cast<std::uint16_t>(bits), high = static_cast<std::uint16_t>(bits + 1);
    const float below = half_to_float(low), above = half_to_float(high);
    ASSERT_EQ(float_to_half(below), low);
    ASSERT_EQ(float_to_half(-below), low | 0x8000u);
    const float middle = below + (above - below) / 2;  // exact: a half has 11 bits of 24
    ASSERT_EQ(float_to_half(middle), bits % 2 == 0 ? low : high) << bits;
    ASSERT_EQ(float_to_half(std::nextafter(middle, 0.0F)), low) << bits;
    ASSERT_EQ(float_to_half(std::nextafter(middle, 1e9F)), high) << bits;
  }
  EXPECT_EQ(float_to_half(65519.996F), 0x7BFFu);
  EXPECT_EQ(float_to_half(65520.0F), 0x7C00u);
  EXPECT_TRUE(std::isnan(half_to_float(float_to_half(std::nanf("")))));
}

TEST(HalfPrecision, NarrowingToBfloat16GivesTheNearestWithTiesToEven) {
  for (unsigned bits = 0; bits + 1 < 0x7F80u; ++bits) {
    const auto low = static_cast<std::uint16_t>(bits), high = static_cast<std::uint16_t>(bits + 1);
    ASSERT_EQ(float_to_bfloat16(-bfloat16_to_float(low)), low | 0x8000u);
    const auto middle = std::bit_cast<float>((bits << 16) | 0x8000u);
    ASSERT_EQ(float_to_bfloat16(middle), bits % 2 == 0 ? low : high) << bits;
    ASSERT_EQ(float_to_bfloat16(std::bit_cast<float>((bits << 16) | 0x7FFFu)), low);
    ASSERT_EQ(float_to_bfloat16(std::bit_cast<float>((bits << 16) | 0x8001u)), high);
  }
  EXPECT_TRUE(std::isnan(bfloat16_to_float(float_to_bfloat16(std::nanf("")))));
  EXPECT_TRUE(std::isnan(bfloat16_to_float(float_to_bfloat16(std::bit_cast<float>(0x7F800001u)))));
}

TEST_F(SafetensorsTest, WritesSixteenBitValues) {
  const std::vector<float> values{1.0F, -2.5F, 0x1p-24F, 1.0F + 0x1p-11F, 65504.0F};
  for (const TensorDtype dtype : {TensorDtype::f16, TensorDtype::bf16}) {
    ASSERT_TRUE(
        write_safetensors(path(), {{"a", {5}, values}, {"b", {1}, {values.data(), 1}}}, dtype)
            .has_value());
    auto file = SafetensorsFile::open(path());
    ASSERT_TRUE(file.has_value()) << to_string(file.error());
    EXPECT_EQ(file->tensors().at("a").dtype, dtype);
    EXPECT_EQ(file->tensors().at("b").end, 12u);
    std::vector<float> got(5);
    ASSERT_TRUE(file->read_into("a", got).has_value());
    const float last = dtype == TensorDtype::f16 ? 65504.0F : 65536.0F;
    EXPECT_EQ(got, (std::vector<float>{1.0F, -2.5F, 0x1p-24F, 1.0F, last}));
  }
  const std::vector<float> large{1.0F, -70000.0F};
  HIPPOCRYPT_EXPECT_ERROR(write_safetensors(path(), {{"big", {2}, large}}, TensorDtype::f16),
                          Errc::out_of_range, "tensor big has -70000");
}

TEST_F(SafetensorsTest, WidensBfloat16Exactly) {
  const std::vector<std::uint16_t> raw{0x3F80, 0xC049, 0x0001};
  auto file = open(file_of(R"({"t":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]}})",
                           {reinterpret_cast<const std::uint8_t*>(raw.data()), 6}));
  ASSERT_TRUE(file.has_value());
  std::vector<float> values(3);
  ASSERT_TRUE(file->read_into("t", values).has_value());
  EXPECT_EQ(values, (std::vector<float>{1.0f, -3.140625f, std::ldexp(1.0f, -133)}));
}

TEST_F(SafetensorsTest, NamesTheTensorWithANumberThatIsNotFinite) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float bad : {std::nanf(""), infinity, -infinity}) {
    const std::vector<float> values{1.0f, bad};
    HIPPOCRYPT_EXPECT_ERROR(write_safetensors(path(), {{"layer.3.w", {2}, values}}),
                            Errc::not_finite, "layer.3.w");
    auto file = open(file_of(R"({"layer.3.w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
                             {reinterpret_cast<const std::uint8_t*>(values.data()), 8}));
    ASSERT_TRUE(file.has_value());
    std::vector<float> out(2);
    HIPPOCRYPT_EXPECT_ERROR(file->read_into("layer.3.w", out), Errc::not_finite, "layer.3.w");
  }
}

TEST_F(SafetensorsTest, RefusesEveryTruncation) {
  const Bytes whole = small_file();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto file = open(ByteView{whole}.first(size));
    ASSERT_FALSE(file.has_value()) << size;
    EXPECT_EQ(file.error().code, Errc::malformed) << size;
  }
  Bytes longer = whole;
  longer.push_back(0);
  HIPPOCRYPT_EXPECT_ERROR(open(longer), Errc::malformed, "the tensors take");
}

TEST_F(SafetensorsTest, SurvivesSeededMutations) {
  const Bytes whole = small_file();
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, whole.data(), 8);
  const std::size_t data_begin = 8 + static_cast<std::size_t>(header_bytes);
  const std::size_t data_bytes = whole.size() - data_begin;
  SeededSequence random{7, "safetensors mutations"};
  std::size_t opened = 0, refused = 0;
  for (int round = 0; round < 500; ++round) {
    Bytes bytes = whole;
    bool header_changed = false;
    const std::size_t changes = 1 + random.below(3);
    for (std::size_t i = 0; i < changes; ++i) {
      const std::size_t at = random.below(bytes.size());
      bytes[at] = static_cast<std::uint8_t>(random.below(256));
      header_changed = header_changed || (at < data_begin && bytes[at] != whole[at]);
    }
    auto file = open(bytes);
    if (!file.has_value()) {
      // Values alone cannot make a file malformed.
      EXPECT_TRUE(header_changed) << round;
      ++refused;
      continue;
    }
    ++opened;
    // A changed length that still opens would move the values.
    if (!std::equal(whole.begin(), whole.begin() + 8, bytes.begin())) continue;
    for (const auto& [name, info] : file->tensors()) {
      ASSERT_LE(info.end, data_bytes);
      std::vector<float> values((info.end - info.begin) / 4);
      if (info.dtype != TensorDtype::f32 || !file->read_into(name, values).has_value()) continue;
      // What is read is what the file holds.
      EXPECT_EQ(
          std::memcmp(values.data(), bytes.data() + data_begin + info.begin, info.end - info.begin),
          0);
    }
  }
  EXPECT_GT(opened, 0u);
  EXPECT_GT(refused, 0u);
}

TEST_F(SafetensorsTest, RefusesHeaderLengthsThatLie) {
  Bytes bytes = small_file();
  for (const std::uint64_t size : {~std::uint64_t{0}, ~std::uint64_t{0} - 7, std::uint64_t{4096}}) {
    std::memcpy(bytes.data(), &size, 8);
    HIPPOCRYPT_EXPECT_ERROR(open(bytes), Errc::malformed, "the header is said to be");
  }
}

TEST_F(SafetensorsTest, RefusesAHeaderAboveItsLimit) {
  const std::string header(max_safetensors_header_bytes + 1, ' ');
  HIPPOCRYPT_EXPECT_ERROR(open(header, 0), Errc::limit_exceeded, "header");
}

TEST_F(SafetensorsTest, RefusesAFileAboveTheCallersLimit) {
  small_file();
  HIPPOCRYPT_EXPECT_ERROR(SafetensorsFile::open(path(), 16), Errc::limit_exceeded, "at most 16");
}

TEST_F(SafetensorsTest, RefusesShapesThatOverflow) {
  for (const char* shape : {"[4294967296,4294967296]", "[18446744073709551615]",
                            "[9223372036854775808,2]", "[1,1,1,1,1,1,1,1,1]", "[-1]", "[1.5]"}) {
    const std::string header =
        std::string{R"({"t":{"dtype":"F32","shape":)"} + shape + R"(,"data_offsets":[0,0]}})";
    HIPPOCRYPT_EXPECT_ERROR(open(header, 0), Errc::malformed, "tensor t");
  }
}

TEST_F(SafetensorsTest, RefusesPlacesThatOverlapLeaveHolesOrLieOutside) {
  const auto two = [](const char* first, const char* second) {
    return std::string{R"({"a":{"dtype":"F32","shape":[2],"data_offsets":)"} + first +
           R"(},"b":{"dtype":"F32","shape":[1],"data_offsets":)" + second + "}}";
  };
  EXPECT_TRUE(open(two("[0,8]", "[8,12]"), 12).has_value());
  EXPECT_TRUE(open(two("[4,12]", "[0,4]"), 12).has_value());
  HIPPOCRYPT_EXPECT_ERROR(open(two("[0,8]", "[4,8]"), 8), Errc::malformed, "overlaps");
  HIPPOCRYPT_EXPECT_ERROR(open(two("[0,8]", "[12,16]"), 16), Errc::malformed, "hole");
  HIPPOCRYPT_EXPECT_ERROR(open(two("[0,8]", "[8,12]"), 8), Errc::malformed, "cut off");
  HIPPOCRYPT_EXPECT_ERROR(open(two("[8,0]", "[8,12]"), 12), Errc::malformed, "data_offsets");
  HIPPOCRYPT_EXPECT_ERROR(open(two("[0,4]", "[4,8]"), 8), Errc::malformed, "needs 8 bytes");
}

TEST_F(SafetensorsTest, RefusesHeadersThatAreNotWhatTheyShouldBe) {
  for (const char* header :
       {"", "[]", "null", "{", R"({"t":3})", R"({"t":{}})", R"({"t":{"dtype":4}})",
        R"({"t":{"dtype":"F32","shape":3,"data_offsets":[0,0]}})",
        R"({"t":{"dtype":"F32","shape":[0],"data_offsets":[0]}})", R"({"__metadata__":3})",
        R"({"__metadata__":{"a":3}})", "{\"\xFF\":{}}",
        R"({"t":{"dtype":"F32","shape":[0],"shape":[0],"data_offsets":[0,0]}})"}) {
    const auto file = open(header, 0);
    ASSERT_FALSE(file.has_value()) << header;
    EXPECT_EQ(file.error().code, Errc::malformed) << header;
  }
  HIPPOCRYPT_EXPECT_ERROR(open(std::string(100, '['), 0), Errc::limit_exceeded, "nested");
  HIPPOCRYPT_EXPECT_ERROR(open(R"({"t":{"dtype":"Q4","shape":[0],"data_offsets":[0,0]}})", 0),
                          Errc::unsupported, "Q4");
}

TEST_F(SafetensorsTest, NamesWhatIsMissingOrDoesNotFit) {
  small_file();
  auto file = SafetensorsFile::open(path());
  ASSERT_TRUE(file.has_value());
  std::vector<float> three(3);
  HIPPOCRYPT_EXPECT_ERROR(file->read_into("layer.c", three), Errc::not_found, "layer.c");
  HIPPOCRYPT_EXPECT_ERROR(file->read_into("layer.a", three), Errc::mismatch, "layer.a");
  HIPPOCRYPT_EXPECT_ERROR(file->read_matrix("layer.b"), Errc::mismatch, "two dimensions");
  HIPPOCRYPT_EXPECT_ERROR(file->expect("layer.a", std::vector<std::uint64_t>{3, 2}), Errc::mismatch,
                          "(2, 3)");
}

TEST_F(SafetensorsTest, ListsIntegersButDoesNotReadThemAsFloats) {
  auto file = open(R"({"t":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}})", 8);
  ASSERT_TRUE(file.has_value());
  std::vector<float> one(1);
  HIPPOCRYPT_EXPECT_ERROR(file->read_into("t", one), Errc::unsupported, "I64");
}

TEST_F(SafetensorsTest, SaysWhyAPathCannotBeOpenedOrWritten) {
  HIPPOCRYPT_EXPECT_ERROR(SafetensorsFile::open(folder_ / "no"), Errc::not_found, "does not exist");
  HIPPOCRYPT_EXPECT_ERROR(SafetensorsFile::open(folder_.path()), Errc::io, "not a plain file");
  write_text(folder_ / "file", "x");
  HIPPOCRYPT_EXPECT_ERROR(write_safetensors(folder_ / "file" / "y", {}), Errc::io, "file");
}

TEST_F(SafetensorsTest, NoticesAFileThatShrinksWhileOpen) {
  small_file();
  auto file = SafetensorsFile::open(path());
  ASSERT_TRUE(file.has_value());
  std::filesystem::resize_file(path(), 20);
  std::vector<float> six(6);
  HIPPOCRYPT_EXPECT_ERROR(file->read_into("layer.a", six), Errc::io, "layer.a");
}

}  // namespace
}  // namespace hippocrypt::model
