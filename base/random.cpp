#include "base/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <numbers>

#include "base/check.hpp"

namespace hippocrypt {

std::uint64_t RandomSource::next_u64() {
  std::uint8_t raw[8];
  fill(raw);
  std::uint64_t value = 0;
  std::memcpy(&value, raw, sizeof value);
  return value;
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    HIPPOCRYPT_CHECK(got > 0, "the operating system gives no randomness");
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

std::shared_ptr<StepRandom> make_random(const RandomFactory& factory, const std::string& owner) {
  return factory ? factory(owner) : std::make_shared<SystemRandom>();
}

SeededSequence::SeededSequence(std::uint64_t seed, std::string_view purpose) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;  // FNV-1a over the purpose, keyed by the seed
  for (const char c : purpose) {
    hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
  }
  hash ^= hash >> 33;
  engine_.seed(hash * 0x9e3779b97f4a7c15ULL + seed);
}

std::uint64_t SeededSequence::below(std::uint64_t bound) {
  HIPPOCRYPT_CHECK(bound > 0);
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  std::uint64_t value = next_u64();
  while (value >= limit) value = next_u64();
  return value % bound;
}

double SeededSequence::uniform() { return static_cast<double>(next_u64() >> 11) * 0x1.0p-53; }

double SeededSequence::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

}  // namespace hippocrypt
