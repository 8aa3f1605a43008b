#include "cli/support/metrics_page.hpp"

#include <utility>

namespace hippocrypt::cli {

Result<std::unique_ptr<net::MetricsServer>> serve_metrics(const std::optional<std::uint16_t>& port,
                                                          std::function<std::string()> page) {
  if (!port) return std::unique_ptr<net::MetricsServer>{};
  net::MetricsServerOptions options;
  options.port = *port;
  return net::MetricsServer::start(options, std::move(page));
}

}  // namespace hippocrypt::cli
