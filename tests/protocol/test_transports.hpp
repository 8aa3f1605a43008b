#pragma once
// Transports that watch, fail or lie.

#include <functional>
#include <mutex>
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
    std::size_t number = 0;
    {
      const std::scoped_lock lock{mutex_};
      number = requests.size();
      requests.push_back(request);
    }
    HIPPOCRYPT_TRY(SharedBytes reply, real_.exchange(std::move(request)));
    if (!interfere_) return reply;
    return interfere_(number, reply);
  }

  std::vector<SharedBytes> requests;

 private:
  std::mutex mutex_;
  InProcessTransport real_;
  Interference interfere_;
};

}  // namespace hippocrypt::protocol::test
