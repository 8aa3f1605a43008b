#pragma once
// Names for the moments between two durable states of a run, so that a test can end a process, or
// one hospital's actor, at any of them.

#include <cstdint>
#include <functional>
#include <string_view>

namespace hippocrypt::federation {

/// Called when `point` of a round is reached; empty in the product.
using CrashHook = std::function<void(std::string_view point, std::uint64_t round)>;

}  // namespace hippocrypt::federation
