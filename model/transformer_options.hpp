#pragma once
// How a transformer works.

#include <cstddef>
#include <cstdint>

#include "base/phase_timer.hpp"

namespace hippocrypt::model {

/// Who multiplies by the output head in the forward pass: the hospital, which has the matrix, or
/// the oracle, which must offer it. A blind head costs traffic and an oracle's rounding, and spares
/// the hospital the largest product that it would do itself. The backward is local in both.
enum class HeadPlace : std::uint8_t { local, blind };

struct TransformerOptions {
  /// Share attention, head, adapters and element-wise operations; at least 1.
  std::size_t threads = 1;
  /// Receives the time of "attention", "head", "adapter" and "elementwise", unless null.
  PhaseTimer* timer = nullptr;
  /// Threads and timer change no result; this does, by the oracle's error.
  HeadPlace head = HeadPlace::local;
};

}  // namespace hippocrypt::model
