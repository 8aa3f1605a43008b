#pragma once
// How a transformer works; nothing of it changes a result.

#include <cstddef>

#include "base/phase_timer.hpp"

namespace hippocrypt::model {

struct TransformerOptions {
  /// Share attention, head, adapters and element-wise operations; at least 1.
  std::size_t threads = 1;
  /// Receives the time of "attention", "head", "adapter" and "elementwise", unless null.
  PhaseTimer* timer = nullptr;
};

}  // namespace hippocrypt::model
