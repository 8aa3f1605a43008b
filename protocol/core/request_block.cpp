#include "protocol/core/request_block.hpp"

#include "protocol/core/messages.hpp"

namespace hippocrypt::protocol {

Result<std::uint32_t> request_block(ByteView frame) {
  HIPPOCRYPT_TRY(const FrameView view, open_frame(frame));
  if (view.type == MessageType::setup_request) {
    HIPPOCRYPT_TRY(const SetupRequest request, decode<SetupRequest>(view));
    return request.block;
  }
  if (view.type == MessageType::hint_request) {
    HIPPOCRYPT_TRY(const HintRequest request, decode<HintRequest>(view));
    return request.ids.block;
  }
  HIPPOCRYPT_TRY(const ProductRequest request, decode<ProductRequest>(view));
  return request.ids.block;
}

}  // namespace hippocrypt::protocol
