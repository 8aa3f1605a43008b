#include "cli/server/server_page.hpp"

#include <fmt/format.h>

#include <utility>

namespace hippocrypt::cli {

ServerPage::ServerPage(std::shared_ptr<const actors::IngressCounters> counters,
                       Clock::time_point now)
    : counters_{std::move(counters)}, samples_{{now, counters_->products}} {}

std::string ServerPage::text(Clock::time_point now, std::uint64_t resident_bytes) {
  std::string page;
  const auto add = [&page](const char* name, const char* type, const char* help, auto value) {
    page += fmt::format(
        "# HELP hippocrypt_server_{0} {2}\n# TYPE hippocrypt_server_{0} {1}\n"
        "hippocrypt_server_{0} {3}\n",
        name, type, help, value);
  };
  const auto& c = *counters_;
  add("peers", "gauge", "Hospitals with a session.", c.peers.load());
  add("queue", "gauge", "Requests that wait.", c.queued.load());
  add("working", "gauge", "Requests being computed, or next.", c.working.load());
  add("requests_total", "counter", "Requests taken, of all kinds.", c.requests.load());
  add("products_total", "counter", "Requests answered by a product.", c.products.load());
  add("refusals_total", "counter", "Requests answered by an error.", c.refusals.load());
  add("dropped_total", "counter", "Requests whose hospital went away.", c.dropped.load());
  add("bytes_received_total", "counter", "Of requests.", c.bytes_in.load());
  add("bytes_sent_total", "counter", "Of replies.", c.bytes_out.load());
  add("products_per_second", "gauge", "Over the last minute.",
      fmt::format("{:.3f}", products_per_second(now)));
  add("resident_bytes", "gauge", "Memory of the process.", resident_bytes);
  return page;
}

double ServerPage::products_per_second(Clock::time_point now) {
  const std::lock_guard lock{mutex_};
  const std::uint64_t products = counters_->products;
  while (samples_.size() > 1 && now - samples_.front().at > window) samples_.pop_front();
  const Sample first = samples_.front();
  // A page every second is enough to keep.
  if (now - samples_.back().at >= std::chrono::seconds{1}) samples_.push_back({now, products});
  const double seconds = std::chrono::duration<double>(now - first.at).count();
  return seconds > 0 ? static_cast<double>(products - first.products) / seconds : 0.0;
}

}  // namespace hippocrypt::cli
