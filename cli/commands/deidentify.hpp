#pragma once
// hippocrypt deidentify: what its two halves share.

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace hippocrypt::cli {

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
