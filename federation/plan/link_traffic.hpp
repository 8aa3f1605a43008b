#pragma once
// What frames become between two processes: net/link's block headers and acknowledgements, the
// WebSocket's and TLS's own bytes. TCP and IP, and what they send again, come on top: about 3 %.

#include <cstdint>

#include "federation/plan/server_traffic.hpp"

namespace hippocrypt::federation {

/// Frames from the hospital and to it.
struct FrameCount {
  std::uint64_t up = 0, down = 0;
};

/// The bytes of so many frames, `frames` of them together, as the operating system is handed them:
/// at most, and at least 99.8 % of it for frames of 64 KiB or more.
Traffic on_link(Traffic frames, FrameCount count);

/// What the products of `steps` training steps become.
Traffic products_on_link(const ServerTraffic& server, std::uint64_t steps);

/// Megabits a second that carry `traffic` in `seconds`, each way.
struct LinkRate {
  double up = 0, down = 0;
};
LinkRate link_rate(Traffic traffic, double seconds);
/// Seconds that `traffic` takes at so many megabits a second each way: of the slower way.
double seconds_on_link(Traffic traffic, LinkRate rate);

}  // namespace hippocrypt::federation
