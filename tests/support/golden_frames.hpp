#pragma once
// Golden bytes of frames: every type of a range must have one.

#include <set>

#include "protocol/core/envelope.hpp"
#include "tests/support/golden_bytes.hpp"

namespace hippocrypt::test_support {

/// The golden file of this protocol version in `folder` under tests/ holds `frames`, and there is
/// one of every known type from `first` to `last`.
inline void expect_golden_frames(const std::string& folder, const std::vector<Bytes>& frames,
                                 std::uint16_t first, std::uint16_t last) {
  std::vector<GoldenMessage> messages;
  std::set<protocol::MessageType> seen;
  for (const Bytes& frame : frames) {
    const auto opened = protocol::open_frame(frame);
    ASSERT_TRUE(opened) << opened.error().detail;
    seen.insert(opened->type);
    messages.push_back({to_string(opened->type), frame});
  }
  for (unsigned number = first; number <= last; ++number) {
    const auto type = static_cast<protocol::MessageType>(number);
    EXPECT_TRUE(!is_known(type) || seen.contains(type)) << to_string(type) << " has no sample";
  }
  expect_golden(folder + "/frames.v" + std::to_string(protocol::protocol_version) + ".txt",
                messages);
}

}  // namespace hippocrypt::test_support
