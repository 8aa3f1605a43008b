#include "privacy/deidentify/corpus/templates.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.hpp"
#include "privacy/deidentify/embedded.hpp"

namespace hippocrypt::privacy {
namespace {

/// Where the lines of a section go.
struct Section {
  std::vector<std::string>* entries = nullptr;
  bool is_list = false;  ///< words; otherwise one entry a line, or one whole text
  bool is_text = false;
};

Result<Section> open_section(PhiTemplates& templates, std::string_view title) {
  if (title == "note") {
    templates.notes.emplace_back();
    return Section{&templates.notes, false, true};
  }
  if (title == "adversarial") {
    templates.adversarial.emplace_back();
    return Section{&templates.adversarial, false, true};
  }
  if (title.substr(0, 5) == "list ") {
    return Section{&templates.lists[std::string{title.substr(5)}], true, false};
  }
  if (title.substr(0, 6) == "shape ") {
    return Section{&templates.shapes[std::string{title.substr(6)}], false, false};
  }
  return Error{Errc::malformed,
               fmt::format("section '{}' is unknown; sections are list NAME, shape CATEGORY, note "
                           "and adversarial",
                           title)};
}

void add_line(const Section& section, std::string_view line) {
  if (section.is_text) {
    section.entries->back() += std::string{line} + "\n";
  } else if (section.is_list) {
    for_each_word(line, [&section](std::string_view word) {
      std::string entry{word};
      std::replace(entry.begin(), entry.end(), '_', ' ');
      section.entries->push_back(std::move(entry));
    });
  } else if (!line.empty()) {
    section.entries->emplace_back(line);
  }
}

}  // namespace

Result<PhiTemplates> PhiTemplates::parse(std::string_view text) {
  PhiTemplates templates;
  Section section;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.substr(0, 3) == "== ") {
      HIPPOCRYPT_TRY(section, open_section(templates, line.substr(3)));
    } else if (section.entries != nullptr) {
      add_line(section, line);
    } else if (!line.empty() && line.front() != '#') {
      return Error{Errc::malformed, "text before the first section; start one with '== '"};
    }
  }
  return templates;
}

std::string_view to_string(PhiPart part) {
  return part == PhiPart::heldout ? "heldout" : "development";
}

const PhiTemplates& shipped_templates(PhiPart part) {
  const auto load = [](PhiPart which) {
    auto templates = PhiTemplates::parse(embedded_file(to_string(which)));
    HIPPOCRYPT_CHECK(templates.has_value());
    return std::move(templates).value();
  };
  static const PhiTemplates development = load(PhiPart::development);
  static const PhiTemplates heldout = load(PhiPart::heldout);
  return part == PhiPart::heldout ? heldout : development;
}

}  // namespace hippocrypt::privacy
