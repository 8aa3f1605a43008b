#include "benchmarks/report.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace hippocrypt::bench {
namespace {

std::string number(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

/// A shape is shown as "out x in x tokens".
std::string cell(const Json& row, const Column& column) {
  const auto found = row.find(column.key);
  if (found == row.end() || found->is_null()) return "-";
  if (found->is_string()) return found->get<std::string>();
  if (found->is_number()) return number(found->get<double>(), column.decimals);
  std::string text;
  for (const Json& part : *found) text += (text.empty() ? "" : "x") + part.dump();
  return text;
}

/// Columns in characters: titles and cells are ASCII.
std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string fill(widths[i] - cells[i].size(), ' ');
    text += (i == 0 ? "" : "  ") + (i == 0 ? cells[i] + fill : fill + cells[i]);
  }
  return text + '\n';
}

/// Rows, then peers; those of a section with shapes next to the rows of their shape.
std::vector<Json> in_print_order(const Section& section) {
  std::vector<Json> all(section.rows.begin(), section.rows.end());
  all.insert(all.end(), section.peers.begin(), section.peers.end());
  std::vector<Json> shapes;
  for (const Json& row : all) {
    const Json shape = row.value("shape", Json{});
    if (std::find(shapes.begin(), shapes.end(), shape) == shapes.end()) shapes.push_back(shape);
  }
  std::vector<Json> ordered;
  for (const Json& shape : shapes) {
    std::copy_if(all.begin(), all.end(), std::back_inserter(ordered),
                 [&](const Json& row) { return row.value("shape", Json{}) == shape; });
  }
  return ordered;
}

}  // namespace

std::string to_json(const Setting& setting, const std::vector<Section>& sections) {
  Json out{{"machine", setting.machine},
           {"kernel", setting.kernel},
           {"commit", setting.commit},
           {"threads", setting.threads}};
  Json notes = Json::array();
  for (const Section& section : sections) {
    out[section.name] = section.rows;
    if (!section.peers.empty()) out[section.name + "_peers"] = section.peers;
    for (const std::string& note : section.notes) notes.push_back(note);
  }
  out["notes"] = notes;
  return out.dump(2) + '\n';
}

std::string to_text(const Setting& setting) {
  return "machine " + setting.machine + ", product kernel " + setting.kernel + ", " +
         std::to_string(setting.threads) + " threads, commit " + setting.commit + '\n';
}

std::string to_text(const Section& section) {
  std::vector<std::vector<std::string>> table(1);
  for (const Column& column : section.columns) table[0].push_back(column.title);
  for (const Json& row : in_print_order(section)) {
    table.emplace_back();
    for (const Column& column : section.columns) table.back().push_back(cell(row, column));
  }
  std::vector<std::size_t> widths(section.columns.size());
  for (const auto& cells : table) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  std::string text = '\n' + section.title + '\n';
  for (const auto& cells : table) text += line(cells, widths);
  for (const std::string& note : section.notes) text += note + '\n';
  return text;
}

}  // namespace hippocrypt::bench
