#include "actors/run_folder.hpp"

#include "federation/adapter/adapter_factory.hpp"
#include "federation/common/round_vector.hpp"
#include "model/files/adapter_lora.hpp"

namespace hippocrypt::actors {

namespace {

/// With a folder that is claimed, and the journal that was begun, or begins, with these settings.
/// Errors: those of claim_run and RunJournal::open.
Result<OpenRun> open_folder(const federation::FederationConfig& config,
                            const std::vector<federation::Setting>& settings,
                            const std::filesystem::path& folder) {
  HIPPOCRYPT_TRY(auto claim, federation::claim_run(folder));
  HIPPOCRYPT_TRY(auto journal, federation::RunJournal::open(folder, settings));
  return OpenRun{std::move(claim),
                 {folder, federation::start_record(config, config.hospitals, folder)},
                 std::make_shared<federation::RunJournal>(std::move(journal))};
}

}  // namespace

Result<OpenRun> open_run(const federation::FederationConfig& config,
                         const std::vector<federation::Setting>& settings,
                         const std::filesystem::path& runs,
                         const std::optional<std::filesystem::path>& resume) {
  if (!resume) {
    HIPPOCRYPT_TRY(const auto folder, federation::create_run_folder(runs, config.run.name));
    return open_folder(config, settings, folder);
  }
  const auto folder = resume->has_filename() ? *resume : resume->parent_path();
  HIPPOCRYPT_TRY(const auto before, federation::load_run_record(folder));
  if (before.status == federation::RunStatus::finished) {
    return Error{Errc::mismatch, folder.string() + " has taken all of its rounds; start a new run"};
  }
  HIPPOCRYPT_TRY(auto run, open_folder(config, settings, folder));
  run.result.record.rounds = before.rounds;
  run.result.record.seconds = before.seconds;
  return run;
}

Status write_adapter(const federation::FederationConfig& config, model::LoraAdapter start,
                     const std::vector<float>& values, const std::filesystem::path& folder) {
  const auto trainable = federation::trainable_of(config.adapter.mode);
  model::scatter<float>(federation::adapter_part(config.aggregation.strategy, values), trainable,
                        start);
  return model::save_lora_adapter(start, config.model.path.string(), folder);
}

}  // namespace hippocrypt::actors
