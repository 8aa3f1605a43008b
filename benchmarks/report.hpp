#pragma once
// What a benchmark found, as JSON or as a table for people.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace hippocrypt::bench {

using Json = nlohmann::ordered_json;

/// One column of the printed table: numbers are rounded to `decimals`, what a row lacks is "-".
struct Column {
  std::string key, title;
  int decimals = 0;
};

struct Section {
  std::string name;                  ///< the key in the JSON
  std::string title;                 ///< one line above the table
  std::vector<Column> columns;       ///< of `rows` and `peers`
  Json rows = Json::array();         ///< objects; every key, also those without a column
  Json peers = Json::array();        ///< the same of what ours is compared with; "NAME_peers"
  std::vector<std::string> notes{};  ///< sentences, e.g. which peers are missing; "notes"
};

/// Machine, kernel, commit, threads.
struct Setting {
  std::string machine, kernel, commit;
  int threads = 0;
};

std::string to_json(const Setting& setting, const std::vector<Section>& sections);
std::string to_text(const Setting& setting);
std::string to_text(const Section& section);

}  // namespace hippocrypt::bench
