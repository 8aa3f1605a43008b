#include "privacy/dp_sgd/lot_capacity.hpp"

#include "base/check.hpp"

namespace hippocrypt::privacy {

std::size_t drop_to_capacity(std::vector<std::size_t>& lot,
                             std::span<const std::uint32_t> unit_tokens,
                             std::uint64_t capacity_tokens, UniformSource& source) {
  std::uint64_t tokens = 0;
  for (const std::size_t unit : lot) {
    HIPPOCRYPT_CHECK(unit < unit_tokens.size(), "a unit without a length");
    tokens += unit_tokens[unit];
  }
  std::size_t dropped = 0;
  while (tokens > capacity_tokens) {
    // A modulus of 64 random bits favours some unit by 2^-40 at most; which one is dropped does not
    // enter the proof at all.
    const auto victim = static_cast<std::ptrdiff_t>(source.next_u64() % lot.size());
    tokens -= unit_tokens[lot[static_cast<std::size_t>(victim)]];
    lot.erase(lot.begin() + victim);
    ++dropped;
  }
  return dropped;
}

}  // namespace hippocrypt::privacy
