#pragma once
// The words of the synthetic notes. A speciality is written as data: a SpecialitySource whose lists
// are one string of entries separated by ';'. An entry may hold slots and alternatives, see
// expander.hpp. The order of the entries matters: earlier entries are drawn more often (Zipf), so
// that each speciality has clear regularities that a small model can learn.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hippocrypt::notes {

/// Named lists of entries.
using Lists = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Diseases that share their complaints, findings, tests and treatments.
struct GroupSource {
  std::string_view sexes = "mf";  ///< which sexes occur: "m", "f" or "mf"
  std::size_t age_low = 30;
  std::size_t age_high = 88;
  std::string_view diagnoses = {};   ///< noun phrases
  std::string_view complaints = {};  ///< noun phrases, after "reports" or "with"
  std::string_view findings = {};    ///< noun phrases, after "examination shows"
  std::string_view tests = {};       ///< sentences with values
  std::string_view drugs = {};       ///< name, dose and schedule
  std::string_view procedures = {};  ///< noun phrases, after "underwent"
  std::string_view plans = {};       ///< imperatives, after "Plan:"
};

/// A speciality as its data file states it.
struct SpecialitySource {
  std::string_view name = {};
  std::string_view clinic = {};      ///< after "the", for instance "heart failure clinic"
  std::string_view signatures = {};  ///< sentences that recur in most notes of the speciality
  std::string_view negatives = {};   ///< noun phrases, after "denies"
  std::string_view follow_ups = {};  ///< sentences
  std::vector<GroupSource> groups = {};
};

/// A group with its lists split.
struct Group {
  std::string sexes;
  std::size_t age_low;
  std::size_t age_high;
  Lists lists;  ///< diagnosis, complaint, finding, test, drug, procedure, plan
};

/// A speciality with its lists split.
struct Speciality {
  std::string name;
  Lists lists;  ///< clinic, signature, negative, follow_up
  std::vector<Group> groups;
};

/// One step of a note's plan: a sentence of list `list` with a probability of `percent`.
struct Step {
  std::size_t percent;
  std::string_view list;
};

/// A way to write a note: blocks in order, the steps within a block in random order.
struct Style {
  std::string_view name;
  std::vector<std::vector<Step>> blocks;
};

/// The entries of "a; b; c", with inner white space (and so line breaks) made one space.
std::vector<std::string> split_entries(std::string_view text);

/// All specialities, in alphabetical order of their names.
const std::vector<Speciality>& all_specialities();
/// The speciality called `name`, or nullptr.
const Speciality* find_speciality(std::string_view name);
/// "cardiology, dermatology, ..."
std::string known_specialities();

/// Sentences that all specialities share.
const Lists& shared_lists();
/// Styles of a patient's first note.
const std::vector<Style>& first_styles();
/// Styles of the notes that follow.
const std::vector<Style>& later_styles();

}  // namespace hippocrypt::notes
