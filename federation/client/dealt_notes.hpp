#pragma once
// The notes of a hospital: those of its file, or what a simulation deals it of files that many
// share.

#include <memory>
#include <vector>

#include "base/result.hpp"
#include "federation/common/federation_config.hpp"
#include "notes/note_file.hpp"

namespace hippocrypt::federation {

/// For every hospital of config.hospitals in their order; null for one with a file of its own.
/// Which patients a hospital gets follows from the configuration and run.seed alone, and no patient
/// is at two. Held-out patients are dealt in the same proportion, at least one each. Errors: those
/// of read_notes; out_of_range (too few patients; names group and numbers); mismatch (a patient in
/// two files).
Result<std::vector<std::shared_ptr<const notes::NoteFile>>> deal_notes(
    const FederationConfig& config);

/// Of the hospital `index`: read, or dealt (which reads all that is shared). Errors: as above.
Result<notes::NoteFile> notes_of(const FederationConfig& config, std::size_t index);

}  // namespace hippocrypt::federation
