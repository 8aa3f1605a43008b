#include "federation/aggregator/collector.hpp"

namespace hippocrypt::federation {

Status Collector::receive_update(Update update) {
  return Error{Errc::unsupported,
               update.hospital + ": sent an update in the clear; this federation masks updates"};
}

Status Collector::receive(RoundMessage message) {
  return Error{Errc::unsupported, message.hospital +
                                      ": sent a message of secure aggregation, which this "
                                      "federation does not use"};
}

}  // namespace hippocrypt::federation
