#pragma once
// Lots of bounded size: what does not fit is dropped at random. What that costs is bounded in
// privacy/accounting/overflow.hpp.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "privacy/dp_sgd/poisson_sampler.hpp"

namespace hippocrypt::privacy {

/// Drops units of `lot` uniformly at random until their tokens fit; keeps the rest in order.
/// Returns how many were dropped. Every index of `lot` must be below unit_tokens.size().
std::size_t drop_to_capacity(std::vector<std::size_t>& lot,
                             std::span<const std::uint32_t> unit_tokens,
                             std::uint64_t capacity_tokens, UniformSource& source);

}  // namespace hippocrypt::privacy
