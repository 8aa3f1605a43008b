#include "notes/synth/synthesize.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "notes/synth/patient_case.hpp"

namespace hippocrypt::notes {
namespace {

constexpr std::size_t max_prefix_length = 16;
constexpr int max_rewrites = 16;

bool is_prefix(std::string_view prefix) {
  return !prefix.empty() && prefix.size() <= max_prefix_length &&
         std::all_of(prefix.begin(), prefix.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '-';
         });
}

Status check_options(const SynthOptions& options) {
  if (options.patients < 1 || options.patients > max_synthetic_patients) {
    return Error{Errc::out_of_range, fmt::format("{} patients; ask for 1 to {}", options.patients,
                                                 max_synthetic_patients)};
  }
  if (!(options.heldout_share >= 0.0 && options.heldout_share < 1.0)) {
    return Error{Errc::out_of_range,
                 fmt::format("held-out share {}; it must be at least 0 and less than 1",
                             options.heldout_share)};
  }
  if (!is_prefix(options.id_prefix)) {
    return Error{Errc::invalid_config,
                 fmt::format("patient id prefix '{}'; use 1 to {} letters, digits or '-'",
                             options.id_prefix, max_prefix_length)};
  }
  if (options.specialities.empty()) {
    return Error{Errc::invalid_config,
                 "no speciality is named; choose among: " + known_specialities()};
  }
  std::set<std::string_view> seen;
  for (const std::string& name : options.specialities) {
    if (find_speciality(name) == nullptr) {
      return Error{Errc::invalid_config, fmt::format("unknown speciality '{}'; choose among: {}",
                                                     name, known_specialities())};
    }
    if (!seen.insert(name).second) {
      return Error{Errc::invalid_config, fmt::format("speciality '{}' is named twice", name)};
    }
  }
  return {};
}

/// Which patients are held out: the first entries of a Fisher-Yates shuffle.
std::vector<Split> draw_splits(const SynthOptions& options) {
  const double wanted = static_cast<double>(options.patients) * options.heldout_share;
  const auto heldout = std::min(static_cast<std::size_t>(std::llround(wanted)),
                                options.patients - 1);  // someone must be left to train on
  std::vector<std::size_t> order(options.patients);
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  SeededSequence random{options.seed, "synthetic split"};
  std::vector<Split> splits(options.patients, Split::train);
  for (std::size_t i = 0; i < heldout; ++i) {
    std::swap(order[i], order[i + random.below(order.size() - i)]);
    splits[order[i]] = Split::heldout;
  }
  return splits;
}

std::string write_text(SeededSequence& random, const PatientCase& patient, std::size_t note_index) {
  const Facts facts = draw_note_facts(random, patient, note_index);
  Expander expander{random,
                    facts,
                    {&patient.group->lists, &patient.speciality->lists},
                    shared_lists(),
                    patient.used};
  const std::vector<Style>& styles = note_index == 0 ? first_styles() : later_styles();
  const Style& style = styles[random.below(styles.size())];
  std::string text;
  for (std::vector<Step> block : style.blocks) {
    for (std::size_t i = 0; i + 1 < block.size(); ++i) {
      std::swap(block[i], block[i + random.below(block.size() - i)]);
    }
    for (const Step& step : block) {
      if (random.below(100) >= step.percent) continue;
      if (!text.empty()) text.push_back(' ');
      text += expander.sentence(step.list);
    }
  }
  return text;
}

}  // namespace

std::vector<std::string> speciality_names() {
  std::vector<std::string> names;
  for (const Speciality& speciality : all_specialities()) names.push_back(speciality.name);
  return names;
}

Result<std::vector<Note>> synthesize(const SynthOptions& options) {
  HIPPOCRYPT_TRY_VOID(check_options(options));
  const std::vector<Split> splits = draw_splits(options);
  SeededSequence random{options.seed, "synthetic notes"};
  std::vector<Note> notes;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < options.patients; ++i) {
    const std::string& name = options.specialities[random.below(options.specialities.size())];
    const PatientCase patient = draw_case(random, *find_speciality(name));
    // Of ten patients, four have one note, four have two and two have three.
    const std::size_t ticket = random.below(10);
    const std::size_t count = ticket < 4 ? 1 : (ticket < 8 ? 2 : 3);
    for (std::size_t n = 0; n < count; ++n) {
      std::string text = write_text(random, patient, n);
      for (int tries = 0; tries < max_rewrites && !seen.insert(text).second; ++tries) {
        text = write_text(random, patient, n);
      }
      notes.push_back(Note{.patient_id = fmt::format("{}-{:06}", options.id_prefix, i + 1),
                           .note_id = fmt::format("N{}", n + 1),
                           .speciality = name,
                           .text = std::move(text),
                           .split = splits[i]});
    }
  }
  return notes;
}

}  // namespace hippocrypt::notes
