#pragma once
// Transports that watch, fail or lie.

#include <functional>
#include <vector>

#include "protocol/in_process_transport.hpp"

namespace hippocrypt::protocol::test {

/// Keeps every request and answers it with the real service, or as `interfere` says.
class RecordingTransport final : public ProductTransport {
 public:
  /// Given the number of the exchange (from 0) and the true reply, gives what the client sees.
  using Interference = std::function<Result<SharedBytes>(std::size_t, const SharedBytes&)>;

  explicit RecordingTransport(std::shared_ptr<const ProductService> service,
                              Interference interfere = {})
      : real_{std::move(service)}, interfere_{std::move(interfere)} {}

  Result<SharedBytes> exchange(SharedBytes request) override {
    requests.push_back(request);
    HIPPOCRYPT_TRY(SharedBytes reply, real_.exchange(std::move(request)));
    if (!interfere_) return reply;
    return interfere_(requests.size() - 1, reply);
  }

  std::vector<SharedBytes> requests;

 private:
  InProcessTransport real_;
  Interference interfere_;
};

}  // namespace hippocrypt::protocol::test
