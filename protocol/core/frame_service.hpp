#pragma once
// What answers requests on the server's side of a transport: frames in, frames out.

#include <functional>
#include <span>

#include "base/shared_bytes.hpp"

namespace hippocrypt::protocol {

/// Any number of threads may call it at once.
class FrameService {
 public:
  /// Takes the reply to request `index`. Must not throw.
  using Deliver = std::function<void(std::size_t index, SharedBytes reply)>;

  virtual ~FrameService() = default;
  /// Delivers one reply for every request, each as soon as it is there; requests for the same
  /// matrix share one pass over it. Always a frame: what cannot be answered gets an error_reply.
  virtual void answer_all(std::span<const ByteView> requests,
                          const Deliver& deliver) const noexcept = 0;

  SharedBytes answer(ByteView request) const noexcept {
    SharedBytes only;
    answer_all({&request, 1}, [&only](std::size_t, SharedBytes reply) { only = std::move(reply); });
    return only;
  }
};

}  // namespace hippocrypt::protocol
