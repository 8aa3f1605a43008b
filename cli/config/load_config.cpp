#include "cli/config/load_config.hpp"

#include <algorithm>
#include <vector>

#include "cli/config/section_reader.hpp"
#include "cli/config/sections.hpp"

namespace hippocrypt::cli {
namespace {

Status check_sections(const Document& document) {
  const std::vector<std::string> known = {
      "run",        "model",  "adapter",     "training",   "privacy",  "encryption", "server",
      "federation", "secagg", "aggregation", "simulation", "hospital", "group"};
  for (const auto& [key, node] : document.root()) {
    const std::string word{key.str()};
    if (std::find(known.begin(), known.end(), word) == known.end())
      return unknown_key(document, word, "", known);
  }
  return {};
}

Result<federation::FederationConfig> read(const Document& document, NotesRule notes) {
  HIPPOCRYPT_TRY_VOID(check_sections(document));
  federation::FederationConfig config;
  HIPPOCRYPT_TRY(config.run, read_run(document));
  HIPPOCRYPT_TRY(config.model, read_model(document));
  HIPPOCRYPT_TRY(config.adapter, read_adapter(document));
  HIPPOCRYPT_TRY(config.training, read_training(document));
  HIPPOCRYPT_TRY(config.privacy, read_privacy(document));
  HIPPOCRYPT_TRY(config.dp_forward, read_dp_forward(document));
  HIPPOCRYPT_TRY(config.encryption, read_encryption(document));
  HIPPOCRYPT_TRY(config.server, read_server(document));
  HIPPOCRYPT_TRY(config.rounds, read_rounds(document));
  HIPPOCRYPT_TRY(config.secagg, read_secagg(document));
  HIPPOCRYPT_TRY(config.aggregation, read_aggregation(document));
  HIPPOCRYPT_TRY(config.simulation, read_simulation(document));
  HIPPOCRYPT_TRY(config.hospitals, read_hospitals(document, notes));
  HIPPOCRYPT_TRY_VOID(add_groups(document, config.hospitals));
  HIPPOCRYPT_TRY_VOID(check_together(document, config));
  return config;
}

}  // namespace

Result<federation::FederationConfig> load_config(const std::filesystem::path& path,
                                                 std::span<const std::string> overrides) {
  HIPPOCRYPT_TRY(const Document document, Document::load(path, overrides));
  return read(document, NotesRule::needed);
}

Result<federation::FederationConfig> load_federation(const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(const Document document, Document::load(path, {}));
  if (document.find("group") != nullptr) {
    return document.problem("group",
                            "only a simulation can deal notes to hospitals; list each in "
                            "a [[hospital]] section of its own");
  }
  return read(document, NotesRule::elsewhere);
}

}  // namespace hippocrypt::cli
