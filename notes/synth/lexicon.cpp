#include "notes/synth/lexicon.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "notes/synth/sources.hpp"

namespace hippocrypt::notes {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t'; }

std::string squeeze(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (!is_space(c)) {
      out.push_back(c);
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

Group make_group(const GroupSource& source) {
  return Group{.sexes = std::string{source.sexes},
               .age_low = source.age_low,
               .age_high = source.age_high,
               .lists = {{"diagnosis", split_entries(source.diagnoses)},
                         {"complaint", split_entries(source.complaints)},
                         {"finding", split_entries(source.findings)},
                         {"test", split_entries(source.tests)},
                         {"drug", split_entries(source.drugs)},
                         {"procedure", split_entries(source.procedures)},
                         {"plan", split_entries(source.plans)}}};
}

Speciality make_speciality(const SpecialitySource& source) {
  Speciality speciality{.name = std::string{source.name},
                        .lists = {{"clinic", split_entries(source.clinic)},
                                  {"signature", split_entries(source.signatures)},
                                  {"negative", split_entries(source.negatives)},
                                  {"follow_up", split_entries(source.follow_ups)}},
                        .groups = {}};
  for (const GroupSource& group : source.groups) speciality.groups.push_back(make_group(group));
  HIPPOCRYPT_CHECK(!speciality.groups.empty());
  return speciality;
}

}  // namespace

std::vector<std::string> split_entries(std::string_view text) {
  std::vector<std::string> entries;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    std::string entry = squeeze(text.substr(0, end));
    if (!entry.empty()) entries.push_back(std::move(entry));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return entries;
}

const std::vector<Speciality>& all_specialities() {
  static const std::vector<Speciality> specialities = [] {
    std::vector<Speciality> made;
    for (const SpecialitySource& source :
         {cardiology(), dermatology(), endocrinology(), gastroenterology(), general_surgery(),
          infectious_disease(), nephrology(), neurology(), oncology(), ophthalmology(),
          orthopaedics(), paediatrics(), psychiatry(), pulmonology(), urology()}) {
      made.push_back(make_speciality(source));
    }
    return made;
  }();
  return specialities;
}

const Speciality* find_speciality(std::string_view name) {
  for (const Speciality& speciality : all_specialities()) {
    if (speciality.name == name) return &speciality;
  }
  return nullptr;
}

std::string known_specialities() {
  std::string names;
  for (const Speciality& speciality : all_specialities()) {
    if (!names.empty()) names += ", ";
    names += speciality.name;
  }
  return names;
}

}  // namespace hippocrypt::notes
