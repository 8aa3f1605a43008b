#pragma once
// Bytes of whole frames: what a transport is given, headers included.

#include <cstddef>

namespace hippocrypt::bench {

std::size_t request_frame_bytes(std::size_t features, std::size_t tokens);
std::size_t reply_frame_bytes(std::size_t outputs, std::size_t tokens);

}  // namespace hippocrypt::bench
