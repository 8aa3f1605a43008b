#include "cli/commands/strategy_list.hpp"

#include "cli/support/text_table.hpp"
#include "federation/aggregator/strategies/strategy_table.hpp"

namespace hippocrypt::cli {

std::string strategy_list() {
  TextTable table{
      {{"strategy"}, {"secagg"}, {"what it does"}, {"keys of [aggregation]"}, {"source"}}};
  for (const federation::StrategyRow& row : federation::strategy_table()) {
    table.add_row({to_string(row.kind), row.needs_each_update ? "no" : "yes",
                   std::string{row.summary}, std::string{row.keys}, std::string{row.source}});
  }
  return table.str();
}

}  // namespace hippocrypt::cli
