#pragma once
// What every message's decoder must stand.

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "base/bytes.hpp"
#include "base/random.hpp"

namespace hippocrypt::federation::test {

struct MessageKind {
  const char* name;
  Bytes bytes;
  std::function<bool(ByteView)> accepts;
};

inline void expect_every_truncation_refused(const std::vector<MessageKind>& kinds) {
  for (const auto& kind : kinds) {
    EXPECT_TRUE(kind.accepts(kind.bytes)) << kind.name;
    for (std::size_t size = 0; size < kind.bytes.size(); ++size) {
      EXPECT_FALSE(kind.accepts(ByteView{kind.bytes}.first(size))) << kind.name << ' ' << size;
    }
  }
}

/// Nothing is expected but that the decoders come back.
inline void decode_with_flipped_bits(const std::vector<MessageKind>& kinds) {
  SeededSequence random{1, "flipped bits"};
  for (const auto& kind : kinds) {
    for (int i = 0; i < 2000; ++i) {
      Bytes bytes = kind.bytes;
      bytes[random.below(bytes.size())] ^= static_cast<std::uint8_t>(1U << random.below(8));
      (void)kind.accepts(bytes);
    }
  }
}

}  // namespace hippocrypt::federation::test
