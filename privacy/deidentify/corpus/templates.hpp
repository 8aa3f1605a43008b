#pragma once
// Templates of notes with slots for identifiers, and the lists and shapes that fill the slots. The
// format is described in README.md of the folder above.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace hippocrypt::privacy {

struct PhiTemplates {
  std::map<std::string, std::vector<std::string>> lists;   ///< first, last, city, ...
  std::map<std::string, std::vector<std::string>> shapes;  ///< mrn: "H^#####", ...
  std::vector<std::string> notes;
  std::vector<std::string> adversarial;  ///< that provoke mistakes

  /// Errors: malformed (a section that is not known, text before the first).
  static Result<PhiTemplates> parse(std::string_view text);
};

enum class PhiPart { development, heldout };

/// "development" or "heldout".
std::string_view to_string(PhiPart part);
/// Those that the program carries.
const PhiTemplates& shipped_templates(PhiPart part);

}  // namespace hippocrypt::privacy
