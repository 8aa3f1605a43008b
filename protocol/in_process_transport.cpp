#include "protocol/in_process_transport.hpp"

namespace hippocrypt::protocol {

InProcessTransport::InProcessTransport(std::shared_ptr<const ProductService> service)
    : service_{std::move(service)} {
  HIPPOCRYPT_CHECK(service_ != nullptr);
}

Result<SharedBytes> InProcessTransport::exchange(SharedBytes request) {
  HIPPOCRYPT_CHECK(request != nullptr);
  return service_->answer(*request);
}

}  // namespace hippocrypt::protocol
