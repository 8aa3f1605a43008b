#include <gtest/gtest.h>

#include <filesystem>
#include <tuple>
#include <vector>

#include "base/byte_reader.hpp"
#include "base/cpu.hpp"
#include "base/file.hpp"
#include "base/gemm.hpp"
#include "base/gemm_kernels.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "base/sha256.hpp"

namespace hippocrypt {
namespace {

template <class T>
MatrixT<T> random_integers(std::size_t rows, std::size_t cols, std::uint64_t seed,
                           std::uint64_t bound) {
  SeededSequence sequence{seed, "gemm test"};
  MatrixT<T> out{rows, cols};
  for (T& value : out.values()) {
    value = static_cast<T>(sequence.below(2 * bound + 1)) - static_cast<T>(bound);
  }
  return out;
}

TEST(GemmTest, EveryTransposeIsExactOnIntegers) {
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      const std::size_t m = 13, n = 37, k = 29;
      const auto a = random_integers<double>(ta ? k : m, ta ? m : k, 1, 1 << 20);
      const auto b = random_integers<double>(tb ? n : k, tb ? k : n, 2, 1 << 20);
      MatrixT<double> c{m, n};
      c.view()(0, 0) = 5;
      gemm<double>(Transpose{ta}, a, Transpose{tb}, b, c.view(), true);
      for (std::size_t i = 0; i < m; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
          double want = i == 0 && j == 0 ? 5 : 0;
          for (std::size_t l = 0; l < k; ++l)
            want += (ta ? a(l, i) : a(i, l)) * (tb ? b(j, l) : b(l, j));
          ASSERT_EQ(c(i, j), want) << ta << tb << ' ' << i << ' ' << j;
        }
      }
    }
  }
}

template <class T>
void expect_equal_wherever_it_lies() {
  SeededSequence sequence{7, "gemm placement"};
  for (const auto& [m, n, k] : {std::tuple{3, 5, 4}, {1, 7, 9}, {6, 1, 8}, {5, 6, 1}, {9, 40, 3}}) {
    MatrixT<T> a(static_cast<std::size_t>(m), static_cast<std::size_t>(k));
    MatrixT<T> b(static_cast<std::size_t>(k), static_cast<std::size_t>(n));
    for (T& value : a.values()) value = static_cast<T>(sequence.normal());
    for (T& value : b.values()) value = static_cast<T>(sequence.normal());
    std::vector<T> first;
    for (std::size_t offset = 0; offset < 16; ++offset) {
      std::vector<T> store(a.rows() * b.cols() + 16);
      gemm<T>(Transpose::no, a, Transpose::no, b,
              MatrixViewT<T>{store.data() + offset, a.rows(), b.cols(), b.cols()});
      const auto begin = store.begin() + static_cast<std::ptrdiff_t>(offset);
      const std::vector<T> c(begin, begin + static_cast<std::ptrdiff_t>(a.rows() * b.cols()));
      if (offset == 0) first = c;
      EXPECT_EQ(c, first) << m << " x " << n << " x " << k << " at offset " << offset;
    }
  }
}

TEST(GemmTest, BitsDoNotDependOnWhereTheResultLies) {
  expect_equal_wherever_it_lies<float>();
  expect_equal_wherever_it_lies<double>();
}

TEST(GemmTest, InstructionSetsAgreeOnIntegers) {
  const auto a = random_integers<double>(33, 65, 3, 127);
  const auto b = random_integers<double>(65, 130, 4, 1 << 24);
  MatrixT<double> portable{33, 130}, other{33, 130};
  const auto operands = [&](MatrixT<double>& c) {
    return gemm_kernels::Operands<double>{a.data(), 65,  false, b.data(), 130, false,
                                          c.data(), 130, 33,    130,      65,  false};
  };
  gemm_kernels::portable_f64(operands(portable));
  if (machine_simd_level() < SimdLevel::avx2) GTEST_SKIP() << "this machine has no AVX2";
  gemm_kernels::avx2_f64(operands(other));
  EXPECT_TRUE(
      std::equal(portable.values().begin(), portable.values().end(), other.values().begin()));
  if (machine_simd_level() < SimdLevel::avx512)
    GTEST_SKIP() << "AVX2 checked; this machine has no AVX-512";
  gemm_kernels::avx512_f64(operands(other));
  EXPECT_TRUE(
      std::equal(portable.values().begin(), portable.values().end(), other.values().begin()));
}

TEST(ByteReaderTest, RefusesToReadPastTheEnd) {
  const Bytes bytes{1, 2, 3};
  ByteReader reader{bytes};
  EXPECT_EQ(reader.read<std::uint16_t>().value(), 0x0201);
  const auto missing = reader.read<std::uint32_t>();
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::malformed);
  EXPECT_EQ(reader.left(), 1U);
}

TEST(FileTest, WritesAtomicallyAndReadsBack) {
  const auto folder = std::filesystem::temp_directory_path() / "hippocrypt_file_test";
  std::filesystem::remove_all(folder);
  const auto path = folder / "deep" / "file";
  ASSERT_TRUE(write_file_atomically(path, as_bytes("one")));
  ASSERT_TRUE(write_file_atomically(path, as_bytes("two")));
  EXPECT_EQ(read_text_file(path, 10).value(), "two");
  EXPECT_EQ(read_file(path, 2).error().code, Errc::limit_exceeded);
  EXPECT_EQ(read_file(folder / "absent", 2).error().code, Errc::not_found);
  EXPECT_EQ(read_file(folder, 1 << 20).error().code, Errc::io);
  EXPECT_EQ(write_file_atomically(path / "under_a_file", as_bytes("x")).error().code, Errc::io);
  std::filesystem::remove_all(folder);
}

TEST(FileTest, ShowsNothingOfAPiecewiseFileBeforeItIsCommitted) {
  const auto folder = std::filesystem::temp_directory_path() / "hippocrypt_atomic_test";
  std::filesystem::remove_all(folder);
  const auto count = [&folder] {
    return std::distance(std::filesystem::directory_iterator{folder}, {});
  };
  {
    auto file = AtomicFile::create(folder / "file");
    ASSERT_TRUE(file.has_value());
    ASSERT_TRUE(file->append(as_bytes("part")).has_value());
    EXPECT_FALSE(std::filesystem::exists(folder / "file"));
  }
  EXPECT_EQ(count(), 0);  // dropped
  auto file = AtomicFile::create(folder / "file");
  ASSERT_TRUE(file->append(as_bytes("one ")).has_value());
  ASSERT_TRUE(file->append(as_bytes("two")).has_value());
  ASSERT_TRUE(file->commit().has_value());
  EXPECT_EQ(read_text_file(folder / "file", 10).value(), "one two");
  EXPECT_EQ(count(), 1);
  EXPECT_EQ(AtomicFile::create(folder / "file" / "x").error().code, Errc::io);
  std::filesystem::create_directories(folder / "taken" / "full");
  auto onto_folder = AtomicFile::create(folder / "taken");
  ASSERT_TRUE(onto_folder.has_value());
  EXPECT_EQ(onto_folder->commit().error().code, Errc::io);
  std::filesystem::remove_all(folder);
}

TEST(Sha256Test, MatchesTheStandardsExample) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(SeededSequenceTest, IsReproducibleAndSeparatedByPurpose) {
  SeededSequence a{7, "x"}, b{7, "x"}, c{7, "y"};
  const auto first = a.next_u64();
  EXPECT_EQ(first, b.next_u64());
  EXPECT_NE(first, c.next_u64());
  double sum = 0, squares = 0;
  for (int i = 0; i < 20000; ++i) {
    const double x = a.normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / 20000, 0, 0.03);
  EXPECT_NEAR(squares / 20000, 1, 0.04);
}

TEST(SecretArrayTest, CannotBeCopiedAndMovesAway) {
  static_assert(!std::is_copy_constructible_v<SecretBytes> &&
                !std::is_copy_assignable_v<SecretBytes>);
  SecretBytes a{4};
  a.reveal()[0] = 9;
  const SecretBytes b = std::move(a);
  EXPECT_TRUE(
      a.empty());  // NOLINT(bugprone-use-after-move): the moved-from state is what is tested
  EXPECT_EQ(b.reveal()[0], 9);
}

TEST(ResultTest, CarriesTheCause) {
  const auto twice = [](Result<int> in) -> Result<int> {
    HIPPOCRYPT_TRY(const int value, in);
    return 2 * value;
  };
  EXPECT_EQ(twice(4).value(), 8);
  EXPECT_EQ(to_string(twice(Error{Errc::io, "disk full"}).error()), "io: disk full");
}

}  // namespace
}  // namespace hippocrypt
