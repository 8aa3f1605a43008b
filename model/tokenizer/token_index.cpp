#include "model/tokenizer/token_index.hpp"

#include <bit>
#include <cstring>

#include "base/check.hpp"

namespace hippocrypt::model {

std::uint64_t hash_bytes(std::string_view bytes) {
  constexpr std::uint64_t factor = 0x9E3779B97F4A7C15u;
  std::uint64_t hash = bytes.size() * factor;
  const auto mix = [&hash](std::uint64_t block) {
    hash = (hash ^ block) * factor;
    hash ^= hash >> 32;
  };
  std::uint64_t block = 0;
  for (; bytes.size() >= sizeof block; bytes.remove_prefix(sizeof block)) {
    std::memcpy(&block, bytes.data(), sizeof block);
    mix(block);
  }
  if (!bytes.empty()) {
    block = 0;
    std::memcpy(&block, bytes.data(), bytes.size());
    mix(block);
  }
  return hash * factor >> 16;
}

TokenIndex::TokenIndex(std::size_t count) : slots_(std::bit_ceil(count + count / 3 + 2), empty) {}

std::size_t TokenIndex::slot_of(std::span<const std::string> tokens, std::string_view bytes) const {
  std::size_t slot = hash_bytes(bytes) & (slots_.size() - 1);
  while (slots_[slot] != empty && tokens[slots_[slot]] != bytes) {
    slot = (slot + 1) & (slots_.size() - 1);
  }
  return slot;
}

std::optional<TokenId> TokenIndex::add(std::span<const std::string> tokens, TokenId id) {
  HIPPOCRYPT_CHECK(count_ + 1 < slots_.size());
  TokenId& slot = slots_[slot_of(tokens, tokens[id])];
  if (slot != empty) return slot;
  slot = id;
  ++count_;
  return {};
}

std::optional<TokenId> TokenIndex::find(std::span<const std::string> tokens,
                                        std::string_view bytes) const {
  const TokenId id = slots_[slot_of(tokens, bytes)];
  if (id == empty) return {};
  return id;
}

}  // namespace hippocrypt::model
