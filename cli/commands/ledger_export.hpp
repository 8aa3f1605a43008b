#pragma once
// A ledger's rows for other programs.

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "privacy/ledger/ledger_entry.hpp"

namespace hippocrypt::cli {

/// The names of the columns, separated by commas, with a newline.
std::string csv_header();
/// One line; texts with a comma, a quote or a line break are quoted (RFC 4180). Doubles have as
/// many digits as give the same double again.
std::string csv_line(const std::string& ledger, const privacy::LedgerRow& row);
nlohmann::ordered_json to_json(const privacy::LedgerRow& row);

/// Follow each other, of one round, and with the same constants: shown as one.
bool is_same_round(const privacy::LedgerEntry& a, const privacy::LedgerEntry& b);

}  // namespace hippocrypt::cli
