#include "federation/plan/link_traffic.hpp"

#include <algorithm>

#include "net/link/block.hpp"
#include "net/link/link.hpp"

namespace hippocrypt::federation {
namespace {

/// RFC 6455: two bytes, eight of length, and four of the mask of who connects.
constexpr std::uint64_t websocket_header = 10, websocket_mask = 4;
/// The same of a short message.
constexpr std::uint64_t short_header = 2;
/// RFC 8446: a record's header, the type and the tag behind its at most 2^14 bytes.
constexpr std::uint64_t record_bytes = 5 + 1 + 16, record_room = 1U << 14U;
constexpr double bits_of_a_byte = 8, mega = 1e6;

/// One way; `mask` of who sends, `other_mask` of who acknowledges.
struct Way {
  std::uint64_t there = 0, acknowledgements = 0;
};
Way one_way(std::uint64_t bytes, std::uint64_t frames, std::uint64_t mask,
            std::uint64_t other_mask) {
  if (frames == 0) return {};
  const std::uint64_t blocks = frames + bytes / net::LinkLimits{}.block_bytes;
  const std::uint64_t payload =
      bytes + blocks * (net::block_header_bytes + websocket_header + mask);
  const std::uint64_t records = blocks + payload / record_room;
  return {payload + records * record_bytes,
          blocks * (net::block_header_bytes + short_header + other_mask + record_bytes)};
}

}  // namespace

Traffic on_link(Traffic frames, FrameCount count) {
  const Way up = one_way(frames.up, count.up, websocket_mask, 0);
  const Way down = one_way(frames.down, count.down, 0, websocket_mask);
  return {up.there + down.acknowledgements, down.there + up.acknowledgements};
}

Traffic products_on_link(const ServerTraffic& server, std::uint64_t steps) {
  const std::uint64_t frames = server.step_frames() * steps;
  return on_link(server.step * steps, {frames, frames});
}

LinkRate link_rate(Traffic traffic, double seconds) {
  const double scale = bits_of_a_byte / mega / seconds;
  return {static_cast<double>(traffic.up) * scale, static_cast<double>(traffic.down) * scale};
}

double seconds_on_link(Traffic traffic, LinkRate rate) {
  const LinkRate megabits = link_rate(traffic, 1);
  return std::max(megabits.up / rate.up, megabits.down / rate.down);
}

}  // namespace hippocrypt::federation
