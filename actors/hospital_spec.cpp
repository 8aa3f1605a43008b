#include "actors/hospital_spec.hpp"

#include "federation/common/ledger_place.hpp"
#include "federation/common/run_record.hpp"

namespace hippocrypt::actors {

std::shared_ptr<HospitalSpec> make_hospital_spec(
    std::shared_ptr<const federation::FederationConfig> config, std::size_t index,
    const std::filesystem::path& run_folder) {
  const std::string& name = config->hospitals[index].name;
  auto spec = std::make_shared<HospitalSpec>();
  spec->options.index = index;
  spec->options.run = run_folder.filename().string();
  // An absolute path stays.
  spec->options.ledger = run_folder / federation::ledger_of(config->privacy, name);
  spec->options.noise_seed = federation::noise_seed_file(run_folder, name);
  spec->options.folder = run_folder / "hospitals" / name;
  spec->options.config = std::move(config);
  return spec;
}

}  // namespace hippocrypt::actors
