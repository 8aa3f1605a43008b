#pragma once
// A blind server a function call away: simulations and tests. The bytes are those of the network.

#include <memory>

#include "protocol/core/frame_service.hpp"
#include "protocol/core/transport.hpp"

namespace hippocrypt::protocol {

/// Shares the service; any number of transports may. Never fails: refusals are error_reply frames.
class InProcessTransport final : public ProductTransport {
 public:
  explicit InProcessTransport(std::shared_ptr<const FrameService> service);
  Result<SharedBytes> exchange(SharedBytes request) override;

 private:
  std::shared_ptr<const FrameService> service_;
};

}  // namespace hippocrypt::protocol
