#pragma once
// hippocrypt deidentify: what its two halves share.

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace hippocrypt::cli {

struct DeidentifyFlags {
  std::string input;
  std::string out = "-";
  std::string mode = "tag";
  std::string key;
  std::string report;
  bool strict = false;
  bool day_first = false;
  bool json = false;
};

/// Replaces the identifiers of a note file. A regular file is read twice, first for the names of
/// each patient; standard input and pipes once. Errors: those of the lines, with file and line;
/// invalid_config, not_found, io, cancelled.
Status deidentify_notes(const DeidentifyFlags& flags);

struct EvaluateFlags {
  std::uint64_t seed = 1;
  std::size_t notes = 2000;
  std::string part = "heldout";
  std::string i2b2;  ///< a folder of i2b2 2014 XML files instead of the synthetic corpus
  bool wanted = false;
  bool misses = false;
  bool json = false;
};

/// Searches a corpus with known identifiers and prints recall and precision a category. Errors:
/// those of the corpus; cancelled.
Status evaluate_deidentify(const EvaluateFlags& flags);

/// What the command does not promise; printed by --help and beside every figure.
extern const char* const deidentify_limits;

}  // namespace hippocrypt::cli
