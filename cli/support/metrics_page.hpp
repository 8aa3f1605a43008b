#pragma once
// --metrics-port: a page for Prometheus on the loopback address.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/http_metrics/metrics_server.hpp"

namespace hippocrypt::cli {

/// Serves `page` at the port (0: any free one) as long as the result lives; null where there is no
/// port. Errors: unavailable (the port).
Result<std::unique_ptr<net::MetricsServer>> serve_metrics(const std::optional<std::uint16_t>& port,
                                                          std::function<std::string()> page);

}  // namespace hippocrypt::cli
