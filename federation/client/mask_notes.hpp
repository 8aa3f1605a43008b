#pragma once
// De-identification before a hospital's notes become tokens.

#include <vector>

#include "base/result.hpp"
#include "notes/note.hpp"

namespace hippocrypt::federation {

/// Replaces what identifies patients in all texts by tags, with the names of each patient taken
/// from all of their notes; says how many identifiers were replaced. Patient ids stay: they never
/// become tokens. Errors: limit_exceeded.
Result<std::size_t> mask_identifiers(std::vector<notes::Note>& notes);

}  // namespace hippocrypt::federation
