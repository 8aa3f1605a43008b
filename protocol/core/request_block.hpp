#pragma once
// Where a request belongs when several servers share a model's blocks.

#include <cstdint>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace hippocrypt::protocol {

/// The block that a product, setup or hint request is for. Errors: those of open_frame and decode;
/// malformed (a frame that is no request).
Result<std::uint32_t> request_block(ByteView frame);

}  // namespace hippocrypt::protocol
