#pragma once
// The strategies that there are, for people: `hippocrypt simulate --list-strategies`.

#include <string>

namespace hippocrypt::cli {

/// One line a strategy, from the table that the aggregator chooses from.
std::string strategy_list();

}  // namespace hippocrypt::cli
