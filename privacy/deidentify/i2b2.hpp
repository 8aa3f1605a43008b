#pragma once
// Records of the i2b2/UTHealth 2014 de-identification corpus (XML), for those who are licensed to
// use it; nothing of it is part of this program.

#include <filesystem>
#include <string_view>
#include <vector>

#include "privacy/deidentify/corpus/generate.hpp"

namespace hippocrypt::privacy {

inline constexpr std::size_t max_i2b2_bytes = std::size_t{4} << 20;

/// The text and its tags. TYPEs that Safe Harbor does not list (PROFESSION, STATE, COUNTRY, ages to
/// 89, bare years) are left out. A document type declaration is refused, so that no entity is ever
/// expanded. Errors: malformed (no XML, no TEXT, a tag outside the text), limit_exceeded.
Result<GoldNote> parse_i2b2(std::string_view xml);
/// All *.xml below `folder`, in the order of their names. Errors: not_found, io, those of
/// parse_i2b2.
Result<std::vector<GoldNote>> read_i2b2(const std::filesystem::path& folder);

}  // namespace hippocrypt::privacy
