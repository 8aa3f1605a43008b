#include "protocol/in_process_transport.hpp"

namespace hippocrypt::protocol {

InProcessTransport::InProcessTransport(std::shared_ptr<const FrameService> service)
    : service_{std::move(service)} {
  HIPPOCRYPT_CHECK(service_ != nullptr);
}

Result<SharedBytes> InProcessTransport::exchange(SharedBytes request) {
  HIPPOCRYPT_CHECK(static_cast<bool>(request));
  return service_->answer(*request);
}

}  // namespace hippocrypt::protocol
