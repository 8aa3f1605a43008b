#include <algorithm>
#include <system_error>

#include "cli/config/section_reader.hpp"
#include "cli/config/sections.hpp"

namespace hippocrypt::cli {
namespace {

constexpr const char* how_to_write =
    "write one [[hospital]] section with a name and a notes file for each hospital, or a "
    "[[group]] of simulated ones";

Result<federation::HospitalConfig> read_hospital(
    const Document& document, std::size_t position, NotesRule notes,
    const std::vector<federation::HospitalConfig>& before) {
  federation::HospitalConfig config;
  SectionReader reader{document, "hospital." + std::to_string(position)};
  reader.plain_name("name", config.name);
  reader.require("name", "a name that no other hospital has, for example \"st-anna\"");
  const auto same_name = [&](const federation::HospitalConfig& other) {
    return other.name == config.name;
  };
  const auto twin = std::find_if(before.begin(), before.end(), same_name);
  if (twin != before.end()) {
    reader.complain("name", "hospital." + std::to_string(twin - before.begin()) +
                                " has the same name; every hospital needs its own");
  }
  reader.path("notes", config.notes);
  std::error_code error;
  if (notes == NotesRule::needed) {
    reader.require("notes",
                   "the hospital's notes, a JSONL file; in a real federation its own site.toml "
                   "names them, which 'join', 'preflight' and 'plan' take");
  }
  if (notes == NotesRule::needed && reader.has("notes") &&
      !std::filesystem::is_regular_file(config.notes, error)) {
    reader.complain("notes", "there is no file " + config.notes.string() +
                                 "; give the hospital's notes, a JSONL file");
  }
  reader.real("budget", config.budget, privacy_budget);
  reader.integer("weight", config.weight, {1, 1000});
  read_site(reader, config.site);
  HIPPOCRYPT_TRY_VOID(reader.finish());
  return config;
}

}  // namespace

Result<std::vector<federation::HospitalConfig>> read_hospitals(const Document& document,
                                                               NotesRule notes) {
  const toml::node* node = document.find("hospital");
  if (node == nullptr && document.find("group") != nullptr) {
    return std::vector<federation::HospitalConfig>{};
  }
  if (node == nullptr) return document.problem("hospital", std::string{"missing: "} + how_to_write);
  const toml::array* array = node->as_array();
  if (array == nullptr)
    return document.problem("hospital",
                            "must be a list, not " + kind_text(*node) + ": " + how_to_write);
  if (array->empty())
    return document.problem("hospital", std::string{"the list is empty: "} + how_to_write);
  if (array->size() > most_hospitals)
    return document.problem(
        "hospital", "at most " + std::to_string(most_hospitals) + " hospitals can take part");
  std::vector<federation::HospitalConfig> hospitals;
  for (std::size_t i = 0; i < array->size(); ++i) {
    HIPPOCRYPT_TRY(federation::HospitalConfig hospital,
                   read_hospital(document, i, notes, hospitals));
    hospitals.push_back(std::move(hospital));
  }
  return hospitals;
}

}  // namespace hippocrypt::cli
