#pragma once
// What a hospital starts with, made from a configuration: the same in a simulation and in a process
// of its own.

#include "actors/hospital_client.hpp"

namespace hippocrypt::actors {

/// The hospital `index` with its places in a run folder: ledger, secrets and rounds. Random
/// sources, peers and what hospitals of one process share are the caller's to add.
std::shared_ptr<HospitalSpec> make_hospital_spec(
    std::shared_ptr<const federation::FederationConfig> config, std::size_t index,
    const std::filesystem::path& run_folder);

}  // namespace hippocrypt::actors
