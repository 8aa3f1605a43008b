#include "cli/commands/ledger_export.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <vector>

namespace hippocrypt::cli {
namespace {

constexpr std::array columns{"ledger",
                             "id",
                             "run",
                             "hospital",
                             "round",
                             "dataset",
                             "unit",
                             "relation",
                             "mechanism",
                             "sampler",
                             "q",
                             "noise_multiplier",
                             "clip",
                             "clipping",
                             "noise",
                             "noise_source",
                             "steps",
                             "delta",
                             "overflow_probability",
                             "unix_time_s",
                             "software_version",
                             "row_version",
                             "previous",
                             "hash"};

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string{text};
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string number(double value) { return fmt::format("{}", value); }  // shortest, round-trip

}  // namespace

std::string csv_header() { return fmt::format("{}\n", fmt::join(columns, ",")); }

std::string csv_line(const std::string& ledger, const privacy::LedgerRow& row) {
  const privacy::LedgerEntry& entry = row.entry;
  const std::vector<std::string> cells{csv_cell(ledger),
                                       std::to_string(row.id),
                                       csv_cell(entry.run),
                                       csv_cell(entry.hospital),
                                       std::to_string(entry.round),
                                       to_hex(entry.dataset),
                                       std::string{to_string(entry.unit)},
                                       std::string{to_string(entry.relation)},
                                       std::string{to_string(entry.mechanism)},
                                       csv_cell(entry.sampler),
                                       number(entry.sampling_rate),
                                       number(entry.noise_multiplier),
                                       number(entry.clip),
                                       std::string{to_string(entry.clipping)},
                                       std::string{to_string(entry.noise)},
                                       csv_cell(entry.noise_source),
                                       std::to_string(entry.steps),
                                       number(entry.delta),
                                       number(entry.overflow_probability),
                                       std::to_string(entry.unix_time_s),
                                       csv_cell(entry.software_version),
                                       std::to_string(row.version),
                                       to_hex(row.previous),
                                       to_hex(row.hash)};
  return fmt::format("{}\n", fmt::join(cells, ","));
}

nlohmann::ordered_json to_json(const privacy::LedgerRow& row) {
  const privacy::LedgerEntry& entry = row.entry;
  return {{"id", row.id},
          {"run", entry.run},
          {"hospital", entry.hospital},
          {"round", entry.round},
          {"dataset", to_hex(entry.dataset)},
          {"unit", to_string(entry.unit)},
          {"relation", to_string(entry.relation)},
          {"mechanism", to_string(entry.mechanism)},
          {"sampler", entry.sampler},
          {"q", entry.sampling_rate},
          {"noise_multiplier", entry.noise_multiplier},
          {"clip", entry.clip},
          {"clipping", to_string(entry.clipping)},
          {"noise", to_string(entry.noise)},
          {"noise_source", entry.noise_source},
          {"steps", entry.steps},
          {"delta", entry.delta},
          {"overflow_probability", entry.overflow_probability},
          {"unix_time_s", entry.unix_time_s},
          {"software_version", entry.software_version},
          {"row_version", row.version},
          {"previous", to_hex(row.previous)},
          {"hash", to_hex(row.hash)}};
}

bool is_same_round(const privacy::LedgerEntry& a, const privacy::LedgerEntry& b) {
  return a.run == b.run && a.hospital == b.hospital && a.round == b.round &&
         a.dataset == b.dataset && a.unit == b.unit && a.mechanism == b.mechanism &&
         a.sampling_rate == b.sampling_rate && a.noise_multiplier == b.noise_multiplier &&
         a.sampler == b.sampler && a.noise == b.noise;
}

}  // namespace hippocrypt::cli
