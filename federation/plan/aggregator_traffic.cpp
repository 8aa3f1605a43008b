#include "federation/plan/aggregator_traffic.hpp"

#include "federation/common/messages.hpp"

namespace hippocrypt::federation {

AggregatorTraffic aggregator_traffic(const FederationConfig& config, std::size_t index,
                                     std::size_t values) {
  const std::string& name = config.hospitals[index].name;
  const std::vector<float> adapter(values);
  Update update;
  update.hospital = name;
  update.round = 1;
  update.values = adapter;
  AggregatorTraffic out;
  out.join.up = encode(Join{name, {}}).size();
  out.round = {encode(update).size(), encode(RoundStart{1, adapter}).size()};
  out.finish.down = encode(FinalAdapter{adapter}).size();
  return out;
}

}  // namespace hippocrypt::federation
