#pragma once
// One function per section of the configuration: reads it into its struct and checks what can be
// checked within the section. Errors of all: invalid_config.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/config/document.hpp"
#include "cli/config/section_reader.hpp"
#include "federation/common/federation_config.hpp"

namespace hippocrypt::cli {

Result<federation::RunConfig> read_run(const Document& document);
/// The folder must exist.
Result<federation::ModelSource> read_model(const Document& document);
Result<federation::AdapterConfig> read_adapter(const Document& document);
Result<federation::TrainingConfig> read_training(const Document& document);
Result<federation::PrivacyConfig> read_privacy(const Document& document);
/// [privacy.dp_forward]; nothing where the file has none.
Result<std::optional<federation::DpForwardConfig>> read_dp_forward(const Document& document);
/// tile_tokens is N of `params` where the file does not give it.
Result<federation::EncryptionConfig> read_encryption(const Document& document);
Result<federation::ServerConfig> read_server(const Document& document);
Result<federation::RoundRules> read_rounds(const Document& document);
Result<federation::SecAggConfig> read_secagg(const Document& document);
Result<federation::AggregationConfig> read_aggregation(const Document& document);
Result<federation::SimulationConfig> read_simulation(const Document& document);

inline constexpr std::size_t most_hospitals = 10'000;
/// Whether the hospitals' notes have to be here, or lie at the hospitals.
enum class NotesRule : std::uint8_t { needed, elsewhere };
/// At least one, unless there are groups; unique names; every notes file that is needed must exist.
Result<std::vector<federation::HospitalConfig>> read_hospitals(const Document& document,
                                                               NotesRule notes);
/// The hospitals of every [[group]], behind the others: NAME-001, NAME-002 and so on.
Status add_groups(const Document& document, std::vector<federation::HospitalConfig>& hospitals);
/// What a [[hospital]] and a [[group]] say of machine, line and failures.
void read_site(SectionReader& reader, federation::SiteConfig& site);
/// The section that describes a hospital: "hospital.0", or "group.1" of its group.
std::string hospital_section(const Document& document, const federation::FederationConfig& config,
                             std::size_t index);
/// What a [[group]] asks of other sections.
Status check_groups(const Document& document, const federation::FederationConfig& config);

/// What a strategy takes from [aggregation], and what it cannot be combined with.
Status check_aggregation(const Document& document, const federation::FederationConfig& config);

/// What involves more than one section: noise against budgets, tiles against patients.
Status check_together(const Document& document, const federation::FederationConfig& config);

}  // namespace hippocrypt::cli
