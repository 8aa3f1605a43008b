#include "notes/synth/patient_case.hpp"

#include <algorithm>

namespace hippocrypt::notes {
namespace {

constexpr std::size_t adult_age = 17;

/// "12.3" for 123.
std::string tenths(std::size_t value) {
  return std::to_string(value / 10) + "." + std::to_string(value % 10);
}

void set_person(SeededSequence& random, PatientCase& patient) {
  const Group& group = *patient.group;
  patient.age = draw_central(random, group.age_low, group.age_high);
  const bool is_male = group.sexes[random.below(group.sexes.size())] == 'm';
  const bool is_child = patient.age < adult_age;
  const std::size_t word = random.below(4);
  Facts& facts = patient.facts;
  facts["age"] = std::to_string(patient.age);
  facts["sex"] = is_male ? "M" : "F";
  facts["he"] = is_male ? "he" : "she";
  facts["his"] = is_male ? "his" : "her";
  facts["him"] = is_male ? "him" : "her";
  if (is_child) {
    facts["man"] = is_male ? "boy" : "girl";
  } else if (word == 0) {
    facts["man"] = is_male ? "gentleman" : "lady";
  } else {
    facts["man"] = is_male ? "man" : "woman";
  }
}

void set_duration(SeededSequence& random, Facts& facts) {
  static constexpr std::string_view units[] = {"day", "week", "week", "month", "month", "year"};
  const std::size_t unit = random.below(std::size(units));
  // 8 is left out, as it would need "an" before it.
  const std::size_t count = unit == 5 ? 1 + random.below(4) : 2 + random.below(6);
  const std::string number = std::to_string(count);
  facts["duration"] = number + " " + std::string{units[unit]};
  facts["duration_long"] = facts["duration"] + (count > 1 ? "s" : "");
}

void set_disease(SeededSequence& random, PatientCase& patient) {
  Facts& facts = patient.facts;
  const Facts none;
  Expander expander{random, none, {&patient.group->lists}, shared_lists()};
  facts["diagnosis0"] = expander.expand("{diagnosis}");
  facts["complaint0"] = expander.expand("{complaint}");
  facts["drug0"] = expander.expand("{drug}");
  facts["drug1"] = expander.expand("{drug}");
  facts["procedure0"] = expander.expand("{procedure}");
  const std::string suffix = patient.age < adult_age ? "_child" : "";
  const std::string comorbidity = suffix.empty() ? "{comorbidity}" : "{comorbidity_child}";
  facts["comorbidity0"] = expander.expand(comorbidity);
  facts["comorbidity1"] = expander.expand(comorbidity);
  facts["smoking"] = expander.expand(suffix.empty() ? "{smoking_adult}" : "{smoking_child}");
  patient.used = expander.used();
}

void set_vitals(SeededSequence& random, const PatientCase& patient, std::size_t acuity,
                Facts& facts) {
  const bool is_child = patient.age < adult_age;
  const std::size_t systolic =
      patient.systolic + 2 * draw_central(random, 0, 10) - std::min<std::size_t>(acuity, 2) * 4;
  const std::size_t diastolic = systolic * 45 / 100 + 10 + 2 * draw_central(random, 0, 8);
  facts["bp"] = std::to_string(systolic) + "/" + std::to_string(diastolic);
  const std::size_t pulse = (is_child ? 84 : 58) + 11 * acuity;
  facts["hr"] = std::to_string(draw_central(random, pulse, pulse + 22));
  facts["rr"] = std::to_string(draw_central(random, 12 + 3 * acuity, 17 + 3 * acuity));
  facts["sats"] = std::to_string(draw_central(random, 96 - 2 * acuity, 99 - acuity));
  facts["temp"] = tenths(draw_central(random, 362 + 5 * acuity, 370 + 7 * acuity));
}

void set_bloods(SeededSequence& random, const PatientCase& patient, std::size_t acuity,
                Facts& facts) {
  const std::size_t creatinine =
      draw_central(random, 48 + patient.age / 4, 70 + patient.age * 3 / 4 + 12 * acuity);
  facts["creatinine"] = std::to_string(creatinine);
  // Rough inverse relation between creatinine, age and eGFR; a reported eGFR stops at 90.
  const std::size_t egfr = 8400 / (creatinine + patient.age / 2);
  facts["egfr"] = egfr > 90 ? "above 90" : std::to_string(egfr);
  facts["urea"] = tenths(creatinine * 7 / 10 + draw_central(random, 0, 20));
  facts["hb"] = std::to_string(draw_central(random, 108 - 8 * acuity, 152 - 6 * acuity));
  facts["wcc"] = tenths(draw_central(random, 45 + 20 * acuity, 95 + 32 * acuity));
  facts["crp"] = std::to_string(draw_central(random, 1 + 22 * acuity, 9 + 58 * acuity));
  facts["na"] = std::to_string(draw_central(random, 134 - acuity, 143));
  facts["k"] = tenths(draw_central(random, 36, 48 + 2 * acuity));
  facts["platelets"] = std::to_string(draw_central(random, 150, 380));
}

}  // namespace

PatientCase draw_case(SeededSequence& random, const Speciality& speciality) {
  PatientCase patient{.speciality = &speciality,
                      .group = &speciality.groups[draw_zipf(random, speciality.groups.size())],
                      .used = {},
                      .facts = {},
                      .age = 0,
                      .acuity = draw_zipf(random, 4),
                      .systolic = 0};
  set_person(random, patient);
  const bool is_child = patient.age < adult_age;
  patient.systolic = is_child ? 84 + patient.age : 104 + draw_central(random, 0, patient.age / 2);
  set_duration(random, patient.facts);
  set_disease(random, patient);
  return patient;
}

Facts draw_note_facts(SeededSequence& random, const PatientCase& patient, std::size_t note_index) {
  Facts facts = patient.facts;
  static constexpr std::string_view courses[] = {"{course_better}", "{course_same}",
                                                 "{course_worse}"};
  const std::size_t course = draw_zipf(random, std::size(courses));
  std::size_t acuity = patient.acuity;
  if (note_index > 0 && course == 0) acuity -= std::min(acuity, note_index);
  if (note_index > 0 && course == 2) acuity = std::min<std::size_t>(acuity + 1, 3);
  set_vitals(random, patient, acuity, facts);
  set_bloods(random, patient, acuity, facts);
  facts["day"] = std::to_string(draw_central(random, 2 + 2 * note_index, 7 + 3 * note_index));
  const Facts known = facts;
  Expander expander{random,
                    known,
                    {&patient.group->lists, &patient.speciality->lists},
                    shared_lists(),
                    patient.used};
  facts["course"] = expander.expand(courses[course]);
  return facts;
}

}  // namespace hippocrypt::notes
