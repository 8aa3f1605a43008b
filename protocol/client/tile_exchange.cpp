#include "protocol/client/tile_exchange.hpp"

#include <system_error>

namespace hippocrypt::protocol {

Exchanged exchange(ProductTransport& transport, const SharedBytes& request, int max_attempts) {
  std::uint64_t bytes_up = 0;
  for (int attempt = 1;; ++attempt) {
    bytes_up += request->size();
    Result<SharedBytes> reply = transport.exchange(request);
    if (reply) {
      HIPPOCRYPT_CHECK(static_cast<bool>(*reply));
      const std::uint64_t bytes_down = (*reply)->size();
      return {std::move(reply), bytes_up, bytes_down};
    }
    const Errc code = reply.error().code;
    const bool worth_repeating = code == Errc::unavailable || code == Errc::deadline;
    if (!worth_repeating || attempt == max_attempts) return {std::move(reply), bytes_up, 0};
  }
}

std::future<Exchanged> launch(bool on_a_thread, const std::function<Exchanged()>& call) {
  try {
    if (on_a_thread) return std::async(std::launch::async, call);
  } catch (const std::system_error&) {
    // The system has no thread to spare.
  }
  return std::async(std::launch::deferred, call);
}

Result<FrameView> open_answer(ByteView frame) {
  HIPPOCRYPT_TRY(const FrameView view, open_frame(frame));
  if (view.type != MessageType::error_reply) return view;
  HIPPOCRYPT_TRY(const ErrorReply refusal, decode<ErrorReply>(view));
  return refusal.to_error();
}

Result<ByteView> open_reply(ByteView frame, const ProductRequest& request, std::size_t outputs,
                            unsigned bits) {
  HIPPOCRYPT_TRY(const FrameView view, open_answer(frame));
  HIPPOCRYPT_TRY(const ProductReply reply, decode<ProductReply>(view));
  if (reply.ids != request.ids) {
    return Error{Errc::mismatch, "the server's reply belongs to another request than the one sent"};
  }
  if (reply.out != outputs || reply.tokens != request.tokens || reply.bits != bits ||
      reply.scheme != request.scheme) {
    return Error{Errc::mismatch, "the server's reply is " + std::to_string(reply.out) + " by " +
                                     std::to_string(reply.tokens) + " values of " +
                                     std::to_string(reply.bits) + " bits where " +
                                     std::to_string(outputs) + " by " +
                                     std::to_string(request.tokens) + " of " +
                                     std::to_string(bits) + " were asked for"};
  }
  return view.body;
}

}  // namespace hippocrypt::protocol
