#include "actors/secure_federation.hpp"

#include "federation/secagg/common/configured.hpp"

namespace hippocrypt::actors {

using federation::SecureRun;
namespace secagg = federation::secagg;

Result<std::shared_ptr<const SecureFederation>> SecureFederation::create(
    const federation::FederationConfig& config, const std::filesystem::path& run_folder,
    const RandomFactory& random) {
  HIPPOCRYPT_TRY(auto params, secagg::params_of(config));
  std::vector<secagg::Member> members;
  std::vector<std::shared_ptr<const secagg::IdentityKey>> identities;
  for (const auto& hospital : config.hospitals) {
    const auto folder = run_folder / "hospitals" / hospital.name;
    std::error_code ignored;  // what cannot be made shows at once
    std::filesystem::create_directories(folder, ignored);
    const auto source = make_random(random, hospital.name + ", identity");
    HIPPOCRYPT_TRY(auto key, secagg::IdentityKey::load_or_create(folder / "identity.key", *source));
    members.push_back({hospital.name, key.public_part(), hospital.weight});
    identities.push_back(std::make_shared<const secagg::IdentityKey>(std::move(key)));
  }
  HIPPOCRYPT_TRY(auto roster, secagg::Roster::create(members));
  auto out = std::make_shared<SecureFederation>(SecureFederation{
      {std::move(params), std::make_shared<const secagg::Roster>(std::move(roster)),
       run_folder.filename().string()},
      {}});
  const auto& terms = out->terms;
  for (std::size_t i = 0; i < members.size(); ++i) {
    out->runs.push_back(std::make_shared<const SecureRun>(SecureRun{
        terms.run, members[i].name, terms.params, terms.roster, identities[i], members[i].weight}));
  }
  return std::shared_ptr<const SecureFederation>{std::move(out)};
}

}  // namespace hippocrypt::actors
