#include "benchmarks/wire_cost.hpp"

#include "protocol/core/envelope.hpp"
#include "protocol/core/messages.hpp"

namespace hippocrypt::bench {
namespace {

template <class Message>
std::size_t frame_bytes(const Message& message) {
  return protocol::frame_bytes(message, message.body_bytes());
}

}  // namespace

std::size_t request_frame_bytes(std::size_t features, std::size_t tokens) {
  return frame_bytes(protocol::ProductRequest{.ids = {},
                                              .features = static_cast<std::uint32_t>(features),
                                              .tokens = static_cast<std::uint32_t>(tokens)});
}

std::size_t reply_frame_bytes(std::size_t outputs, std::size_t tokens) {
  return frame_bytes(protocol::ProductReply{.ids = {},
                                            .out = static_cast<std::uint32_t>(outputs),
                                            .tokens = static_cast<std::uint32_t>(tokens)});
}

}  // namespace hippocrypt::bench
