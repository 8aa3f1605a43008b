#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <system_error>

#include "base/plain_name.hpp"
#include "cli/config/section_reader.hpp"
#include "cli/config/sections.hpp"

namespace hippocrypt::cli {
namespace {

using federation::FederationConfig;
using federation::HospitalConfig;

constexpr RealRule skew_rule{"above 0 (inf: as in the pool)",
                             [](double value) { return value > 0; }};

struct Group {
  std::string name;
  std::uint64_t count = 0;
  HospitalConfig each;  ///< but for the name
};

/// Every note file, on its own or in a list.
void read_pool(SectionReader& reader, Group& group) {
  reader.paths("notes", group.each.deal.pool);
  reader.require("notes", "the note files whose patients are dealt to the group's hospitals");
  for (const auto& file : group.each.deal.pool) {
    std::error_code error;
    if (std::filesystem::is_regular_file(file, error)) continue;
    reader.complain("notes", "there is no file " + file.string() +
                                 "; give note files (JSONL), one or a list of them");
  }
  if (!group.each.deal.pool.empty()) group.each.notes = group.each.deal.pool.front();
}

/// How much of the pool each hospital gets.
void read_deal(SectionReader& reader, Group& group) {
  auto& deal = group.each.deal;
  reader.integer("patients", deal.patients, {1, 1'000'000});
  reader.real("share", deal.share, rate);
  reader.real("skew", deal.skew, skew_rule);
  if (reader.has("patients") && reader.has("share")) {
    reader.complain("share", "says the same as patients; give one of the two");
  }
  if (deal.share * static_cast<double>(group.count) > 1 + 1e-9) {
    reader.complain("share",
                    fmt::format("count ({}) times share ({:g}) is more than the whole pool",
                                group.count, deal.share));
  }
}

Result<Group> read_group(const Document& document, std::size_t position,
                         const std::vector<Group>& before) {
  Group group;
  SectionReader reader{document, "group." + std::to_string(position)};
  reader.plain_name("name", group.name);
  reader.require("name", "a name; its hospitals are NAME-001, NAME-002 and so on");
  if (std::any_of(before.begin(), before.end(),
                  [&](const Group& other) { return other.name == group.name; })) {
    reader.complain("name", "another group has the same name; every group needs its own");
  }
  reader.integer("count", group.count, {1, most_hospitals});
  reader.require("count", "how many hospitals the group has");
  read_pool(reader, group);
  read_deal(reader, group);
  reader.real("budget", group.each.budget, privacy_budget);
  reader.integer("weight", group.each.weight, {1, 1000});
  read_site(reader, group.each.site);
  group.each.deal.group = group.name;
  HIPPOCRYPT_TRY_VOID(reader.finish());
  return group;
}

Result<std::vector<Group>> read_all(const Document& document) {
  std::vector<Group> groups;
  const toml::node* node = document.find("group");
  if (node == nullptr) return groups;
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    return document.problem("group", "must be a list, not " + kind_text(*node) +
                                         ": write one [[group]] section for each kind of hospital");
  }
  for (std::size_t i = 0; i < array->size(); ++i) {
    HIPPOCRYPT_TRY(Group group, read_group(document, i, groups));
    groups.push_back(std::move(group));
  }
  return groups;
}

/// NAME-001; as many digits as the last one needs, at least three.
std::string name_of(const Group& group, std::uint64_t number) {
  const std::size_t digits = std::max<std::size_t>(3, std::to_string(group.count).size());
  return fmt::format("{}-{:0{}}", group.name, number, digits);
}

/// Errors: invalid_config (a name twice, or too long; a hospital's own notes in a pool).
Status check_against(const Document& document, std::size_t position, const Group& group,
                     const std::vector<HospitalConfig>& hospitals) {
  const std::string key = "group." + std::to_string(position);
  if (!is_plain_name(name_of(group, group.count))) {
    return document.problem(key + ".name",
                            "is too long for a number behind it; " + std::string{plain_name_rule});
  }
  std::set<std::string> names;
  for (std::uint64_t i = 1; i <= group.count; ++i) names.insert(name_of(group, i));
  for (const HospitalConfig& hospital : hospitals) {
    if (names.contains(hospital.name)) {
      return document.problem(key + ".name", "a hospital is called " + hospital.name +
                                                 " already; choose another name for the group");
    }
    const auto& pool = group.each.deal.pool;
    if (!hospital.deal.pool.empty()) continue;
    if (std::find(pool.begin(), pool.end(), hospital.notes) == pool.end()) continue;
    return document.problem(key + ".notes", hospital.notes.string() + " belongs to hospital " +
                                                hospital.name +
                                                ", so its patients cannot be dealt to others");
  }
  return {};
}

}  // namespace

void read_site(SectionReader& reader, federation::SiteConfig& site) {
  reader.real("speed", site.speed, rate);
  reader.real("link_mbit", site.link_mbit, above_zero);
  reader.real("link_ms", site.link_ms, zero_or_more);
  std::vector<std::string> script;
  reader.words("failures", script);
  for (const std::string& word : script) {
    const auto failure = federation::parse_failure(word);
    if (!failure) {
      reader.complain("failures", failure.error().detail);
      continue;
    }
    site.failures.push_back(*failure);
  }
}

Status add_groups(const Document& document, std::vector<HospitalConfig>& hospitals) {
  HIPPOCRYPT_TRY(const auto groups, read_all(document));
  std::uint64_t total = hospitals.size();
  for (std::size_t position = 0; position < groups.size(); ++position) {
    const Group& group = groups[position];
    total += group.count;
    if (total > most_hospitals) {
      return document.problem("group." + std::to_string(position) + ".count",
                              fmt::format("makes {} hospitals in all; at most {} can take part",
                                          total, most_hospitals));
    }
    HIPPOCRYPT_TRY_VOID(check_against(document, position, group, hospitals));
    for (std::uint64_t i = 1; i <= group.count; ++i) {
      hospitals.push_back(group.each);
      hospitals.back().name = name_of(group, i);
    }
  }
  return {};
}

Result<federation::SimulationConfig> read_simulation(const Document& document) {
  federation::SimulationConfig config;
  SectionReader reader{document, "simulation"};
  reader.integer("workers", config.workers, {0, 1024});
  reader.integer("evaluate_every", config.evaluate_every, {0, 1'000'000});
  HIPPOCRYPT_TRY_VOID(reader.finish());
  return config;
}

Status check_groups(const Document& document, const FederationConfig& config) {
  const bool dealt = std::any_of(config.hospitals.begin(), config.hospitals.end(),
                                 [](const auto& hospital) { return !hospital.deal.pool.empty(); });
  if (!dealt || config.privacy.ledger == federation::LedgerPlace::run) return {};
  return document.problem_at_first(
      std::array<std::string, 2>{"privacy.ledger", "group"},
      "the hospitals of a [[group]] are simulated and share note files, which can have one account "
      "only; set privacy.ledger = \"run\"");
}

std::string hospital_section(const Document& document, const FederationConfig& config,
                             std::size_t index) {
  const std::string& group = config.hospitals[index].deal.group;
  const toml::node* node = document.find("group");
  if (group.empty() || node == nullptr) return "hospital." + std::to_string(index);
  const toml::array& groups = *node->as_array();
  std::size_t position = 0;
  while (position + 1 < groups.size() &&
         toml::node_view{groups.get(position)}["name"].value_or(std::string{}) != group) {
    ++position;
  }
  return "group." + std::to_string(position);
}

}  // namespace hippocrypt::cli
