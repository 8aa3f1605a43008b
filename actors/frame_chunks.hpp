#pragma once
// Long frames as pieces, between a hospital's actor and the aggregator's.

#include <map>
#include <string>
#include <vector>

#include "actors/messages.hpp"
#include "federation/common/chunks.hpp"

namespace hippocrypt::actors {

/// Splits what one sender sends.
class FrameSplitter {
 public:
  FrameSplitter() = default;
  FrameSplitter(std::string sender, std::size_t chunk_bytes)
      : sender_{std::move(sender)}, chunk_bytes_{chunk_bytes} {}

  /// The frame itself where it is short enough.
  std::vector<Frame> split(const Frame& frame) {
    if (frame.bytes->size() <= chunk_bytes_) return {frame};
    std::vector<Frame> out;
    for (auto& piece : federation::split_frame(sender_, ++message_, *frame.bytes, chunk_bytes_)) {
      out.push_back(Frame{SharedBytes{std::move(piece)}});
    }
    return out;
  }

 private:
  std::string sender_;
  std::size_t chunk_bytes_ = std::size_t{1} << 20;
  std::uint64_t message_ = 0;
};

}  // namespace hippocrypt::actors
