#pragma once
// Files that were damaged or made to do harm, and what is asked of a reader that meets them: a
// clear error or a valid result, and no more memory than the file's size and a bit.

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "tests/support/allocation_meter.hpp"

namespace hippocrypt::model {

inline constexpr std::size_t memory_beyond_file = std::size_t{64} << 20;
/// An error is one sentence, however long the names in a file are.
inline constexpr std::size_t longest_error = 2000;

/// Runs open(), which reads `input_bytes` bytes of files.
template <class Open>
void expect_harmless(const std::string& what, std::size_t input_bytes, const Open& open) {
  SCOPED_TRACE(what);
  const test::AllocationMeter meter;
  const auto result = open();
  EXPECT_LE(meter.peak_bytes(), input_bytes + memory_beyond_file);
  if (result.has_value()) return;
  EXPECT_FALSE(result.error().detail.empty());
  EXPECT_LE(result.error().detail.size(), longest_error) << result.error().detail.substr(0, 300);
}

/// The same, and it must be an error.
template <class Open>
void expect_refused(const std::string& what, std::size_t input_bytes, const Open& open) {
  expect_harmless(what, input_bytes, [&] {
    auto result = open();
    EXPECT_FALSE(result.has_value()) << what;
    return result;
  });
}

/// `count` prefixes, the empty one first, never the whole.
inline std::vector<Bytes> truncations(const Bytes& file, std::size_t count) {
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto end = static_cast<std::ptrdiff_t>(file.size() * i / count);
    out.emplace_back(file.begin(), file.begin() + end);
  }
  return out;
}

/// A place in the file; every other one within the first `head_bytes`, where the structure is.
inline std::size_t draw_place(SeededSequence& random, std::size_t round, std::size_t head_bytes,
                              std::size_t size) {
  const std::size_t end = round % 2 == 0 ? std::min(head_bytes, size) : size;
  return static_cast<std::size_t>(random.uniform() * static_cast<double>(end));
}

/// One to three bits turned.
inline std::vector<Bytes> bit_flips(const Bytes& file, std::size_t count, std::size_t head_bytes) {
  SeededSequence random{11, "bit flips"};
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < count; ++i) {
    Bytes changed = file;
    for (std::size_t flip = 0; flip <= i % 3; ++flip) {
      const std::size_t at = draw_place(random, i, head_bytes, file.size());
      changed[at] ^= static_cast<std::uint8_t>(1U << static_cast<unsigned>(random.uniform() * 8.0));
    }
    out.push_back(std::move(changed));
  }
  return out;
}

/// Four or eight bytes replaced by a number that lies at an edge.
inline std::vector<Bytes> edge_numbers(const Bytes& file, std::size_t count,
                                       std::size_t head_bytes) {
  const std::uint64_t edges[] = {0,
                                 1,
                                 ~std::uint64_t{0},
                                 std::uint64_t{1} << 63,
                                 (std::uint64_t{1} << 63) - 1,
                                 std::uint64_t{1} << 61,
                                 std::uint64_t{1} << 32,
                                 0xFFFFFFFF,
                                 file.size(),
                                 file.size() + 1};
  SeededSequence random{12, "edge numbers"};
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < count; ++i) {
    Bytes changed = file;
    const std::size_t width = i % 4 == 3 ? 4 : 8;
    const std::size_t at = draw_place(random, 0, head_bytes, file.size() - width);
    std::memcpy(changed.data() + at, &edges[i % std::size(edges)], width);
    out.push_back(std::move(changed));
  }
  return out;
}

/// A stretch left out or put in twice.
inline std::vector<Bytes> splices(const Bytes& file, std::size_t count, std::size_t head_bytes) {
  SeededSequence random{13, "splices"};
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = draw_place(random, i / 2, head_bytes, file.size());
    const std::size_t length = std::min<std::size_t>(
        1 + static_cast<std::size_t>(random.uniform() * 64.0), file.size() - at);
    Bytes changed = file;
    const auto begin = changed.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = begin + static_cast<std::ptrdiff_t>(length);
    if (i % 2 == 0) {
      changed.erase(begin, end);
    } else {
      const Bytes stretch(begin, end);
      changed.insert(end, stretch.begin(), stretch.end());
    }
    out.push_back(std::move(changed));
  }
  return out;
}

/// Some of each kind, in all `count`.
inline std::vector<Bytes> damaged(const Bytes& file, std::size_t count, std::size_t head_bytes) {
  std::vector<Bytes> out = truncations(file, count / 4);
  const auto add = [&out](std::vector<Bytes> more) {
    for (Bytes& bytes : more) out.push_back(std::move(bytes));
  };
  add(edge_numbers(file, count / 4, head_bytes));
  add(splices(file, count / 4, head_bytes));
  add(bit_flips(file, count - out.size(), head_bytes));
  return out;
}

inline Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

}  // namespace hippocrypt::model
