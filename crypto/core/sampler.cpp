#include "crypto/core/sampler.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/check.hpp"
#include "base/secret.hpp"

namespace hippocrypt::crypto {
namespace {

template <class Word>
void map_words(const Word* words, unsigned log_bound, std::int16_t* out, std::size_t count) {
  const auto mask = static_cast<std::uint16_t>((1U << (log_bound + 2)) - 1);
  const auto bound = static_cast<std::uint16_t>(1U << log_bound);
  for (std::size_t i = 0; i < count; ++i) {  // tuniform_from_bits in 16 bits, so that it vectorises
    const auto kept = static_cast<std::uint16_t>(words[i] & mask);
    out[i] = static_cast<std::int16_t>(static_cast<std::uint16_t>((kept + 1) >> 1) - bound);
  }
}

template <class Word>
void sample(RandomSource& random, unsigned log_bound, std::span<std::int16_t> out) {
  std::array<Word, 4096> words{};
  while (!out.empty()) {
    const std::size_t count = std::min(out.size(), words.size());
    random.fill({reinterpret_cast<std::uint8_t*>(words.data()), count * sizeof(Word)});
    map_words(words.data(), log_bound, out.data(), count);
    out = out.subspan(count);
  }
  secure_wipe(words.data(), sizeof words);
}

}  // namespace

void sample_tuniform(RandomSource& random, unsigned log_bound, std::span<std::int16_t> out) {
  HIPPOCRYPT_CHECK(log_bound <= 8);
  if (tuniform_sample_bytes(log_bound) == 1) {
    sample<std::uint8_t>(random, log_bound, out);
  } else {
    sample<std::uint16_t>(random, log_bound, out);
  }
}

}  // namespace hippocrypt::crypto
