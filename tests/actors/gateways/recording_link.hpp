#pragma once
// A link that keeps what is sent on it.

#include <mutex>
#include <vector>

#include "net/link/link.hpp"

namespace hippocrypt::test_support {

class RecordingLink final : public net::Link {
 public:
  const net::PeerInfo& peer() const override { return info; }
  Status send(net::Lane lane, net::Message message) override {
    if (!outcome) return outcome;
    lanes.push_back(lane);
    sent.push_back(std::move(message));
    return {};
  }
  void close(std::string reason) override { closed = std::move(reason); }
  net::LinkCounters counters() const override { return {}; }

  net::PeerInfo info;
  Status outcome;  ///< of send()
  std::vector<net::Lane> lanes;
  std::vector<net::Message> sent;
  std::string closed;
};

}  // namespace hippocrypt::test_support
