// The sentences and note styles that all specialities share.

#include "notes/synth/lexicon.hpp"

namespace hippocrypt::notes {
namespace {

Lists make_shared_lists() {
  return {
      {"letter_open", split_entries(R"(
        [Dear colleague, thank you|Thank you] for referring this {age} year old {man} with a
        {duration} history of {complaint0};
        I [saw|reviewed] this {age} year old {man} in the {clinic} today with {complaint0};
        This {age} year old {man} [was referred|presents] with {complaint0} [for|over the last]
        {duration_long})")},
      {"soap_open", split_entries(R"(
        S: {age} year old {man} with {complaint0} for {duration_long};
        S: {age}{sex}, [presents with|complains of|c/o] {complaint0} [and {complaint}|];
        Subjective: {he} reports {complaint0} [for {duration_long}|and {complaint}])")},
      {"ward_open", split_entries(R"(
        {age}{sex}, [admitted with|a/w] {complaint0};
        Admission note. {age} year old {man} [admitted|brought in] with {complaint0} and
        {complaint}; Ward round, day {day}. {age}{sex} with {diagnosis0};
        {age} year old {man}, {complaint0} for {duration_long})")},
      {"discharge_open", split_entries(R"(
        Discharge summary. Diagnosis: {diagnosis0}. Admitted with {complaint0};
        Discharge summary: {age} year old {man} admitted with {complaint0} due to {diagnosis0};
        This {age} year old {man} was admitted for {day} days with {diagnosis0})")},
      {"review_open", split_entries(R"(
        [Review|Follow-up] of this {age} year old {man} with {diagnosis0};
        {age}{sex}, known {diagnosis0}, [seen for review|f/u visit];
        I reviewed this {age} year old {man} with {diagnosis0} in the {clinic};
        Telephone review. {age} year old {man} with {diagnosis0})")},
      {"soap_review_open", split_entries(R"(
        S: {age}{sex} with known {diagnosis0}. {course};
        S: follow-up for {diagnosis0}, {age} year old {man}. {course};
        Subjective: known {diagnosis0}. {course})")},
      {"ward_review_open", split_entries(R"(
        Ward round, day {day}. {age}{sex}, {diagnosis0};
        Day {day}, {age} year old {man} with {diagnosis0};
        W/R day {day}: {age}{sex}, {diagnosis0}. {course})")},
      {"course_better", split_entries(R"(
        {complaint0} has [improved|settled] since the last visit; Feels [much|] better on {drug0};
        Good response to treatment; {he} is now [well|much improved] with no {complaint0})")},
      {"course_same", split_entries(R"(
        {complaint0} is unchanged; [Clinically|Remains] stable on {drug0};
        No change since the last [visit|review]; Symptoms persist despite {drug0})")},
      {"course_worse", split_entries(R"(
        {complaint0} has [worsened|become more frequent]; Since the last visit there is also
        {complaint}; Symptoms are worse despite {drug0}; {he} deteriorated with {complaint})")},
      {"course_note", split_entries("{course}")},
      {"more_complaints", split_entries(R"(
        {he} [also|] reports {complaint}; There is [also|] {complaint} [and {complaint}|];
        Associated with {complaint}; {his} main concern is {complaint})")},
      {"denies", split_entries(R"(
        {he} denies {negative} [or {negative}|]; No {negative} [or {negative}|];
        There is no {negative} [and no {negative}|]; Denies {negative})")},
      {"history", split_entries(R"(
        [PMH|Past medical history]: {comorbidity0} [and {comorbidity1}|];
        [Background|History] of {comorbidity0}; {he} has {comorbidity0} and {comorbidity1};
        {smoking}. {allergy}; {smoking}; No significant past medical history. {allergy})")},
      {"examination", split_entries(R"(
        On examination there is {finding} [and {finding}|]; Examination [shows|reveals] {finding};
        O/E {finding} [and {finding}|]; {finding} on examination;
        Examination: {finding}, otherwise unremarkable)")},
      {"objective", split_entries(R"(
        O: {finding} [and {finding}|]; Objective: {finding};
        O: BP {bp}, HR {hr}, {finding})")},
      {"vitals", split_entries(R"(
        Obs: BP {bp}, HR {hr}, RR {rr}, sats {sats}%, temp {temp};
        BP {bp}, pulse {hr} [regular|], sats {sats}% on air;
        BP was {bp} and pulse {hr}; Temp {temp}, HR {hr}, BP {bp};
        [Afebrile, |]BP {bp}, HR {hr}, sats {sats}%; Obs stable, BP {bp}, HR {hr})")},
      {"bloods", split_entries(R"(
        Bloods: Hb {hb}, WCC {wcc}, CRP {crp}; [U&E|Bloods]: Na {na}, K {k}, creatinine
        {creatinine};
        CRP {crp} and WCC {wcc}; Hb {hb}, platelets {platelets}, creatinine {creatinine};
        eGFR {egfr} and potassium {k}; Bloods are unremarkable with Hb {hb} and CRP {crp};
        Creatinine {creatinine}, urea {urea})")},
      {"investigation", split_entries("{test}")},
      {"speciality_line", split_entries("{signature}")},
      {"impression", split_entries(R"(
        Impression: {diagnosis0}; [This is consistent with|Findings suggest|Likely] {diagnosis0};
        The [working|most likely] diagnosis is {diagnosis0}; Imp: {diagnosis0};
        I think {he} has {diagnosis0})")},
      {"assessment", split_entries(R"(
        A: {diagnosis0}; A: {diagnosis0}, {state}; Assessment: {diagnosis0};
        Assessment: {diagnosis0}, now {state})")},
      {"treatment", split_entries(R"(
        [Started on|Commenced] {drug0} [and {drug1}|]; We started {drug0};
        I have started {him} on {drug0}; Treated with {drug0} and {drug1};
        {he} takes {drug0} [and {drug1}|]; Current medication: {drug0}, {drug1})")},
      {"continuation", split_entries(R"(
        Continues {drug0} [and {drug1}|]; {he} remains on {drug0} [and {drug1}|];
        {drug0} continued[, {drug} added|]; Current medication: {drug0}, {drug1};
        Tolerating {drug0} well; {drug0} was [stopped|reduced] and {drug} started)")},
      {"operation", split_entries(R"(
        {he} underwent {procedure0} [without complication|]; {procedure0} was performed
        [uneventfully|on day {day}|]; Proceeded to {procedure0};
        {he} is [listed|consented] for {procedure0})")},
      {"plan_line", split_entries(R"(
        Plan: {plan}; Plan: {plan}, {plan}; P: {plan} and {plan}; P: {plan};
        Plan: 1) {plan} 2) {plan}; Plan agreed: {plan})")},
      {"follow", split_entries(R"(
        {follow_up}; {follow_up}; {follow_up}; Review in {#1:12} [weeks|months];
        Follow-up in the {clinic} in {#2:12} weeks; Return earlier in case of {complaint})")},
      {"discharge_end", split_entries(R"(
        Discharged home on {drug0} [and {drug1}|]; Discharge medication: {drug0}, {drug1};
        {he} was discharged [home|well] after {day} days; TTO: {drug0})")},
      {"close", split_entries(R"(
        Many thanks for involving us; {he} was happy with this plan; The family has been updated;
        Please contact us with any concerns; Discussed with the [consultant|team];
        I have explained this to {him}; Copy to the family doctor)")},
      {"state", split_entries("stable; improving; active; newly diagnosed; under review; "
                              "responding to treatment; slowly improving; not yet settled")},
      {"comorbidity", split_entries(R"(
        hypertension; type 2 diabetes; asthma; obesity; hypothyroidism; osteoarthritis;
        gastro-oesophageal reflux; chronic kidney disease stage 3; high cholesterol; depression;
        previous appendicectomy; migraine; COPD; anaemia; gout; psoriasis; anxiety; osteoporosis;
        previous cholecystectomy; glaucoma; rheumatoid arthritis; diverticular disease)")},
      {"comorbidity_child", split_entries(R"(
        eczema; prematurity at {#28:35} weeks; hay fever; recurrent otitis media; mild asthma;
        viral wheeze; constipation; food allergy; previous tonsillectomy; iron deficiency;
        an egg allergy; glue ear)")},
      {"smoking_adult", split_entries(R"(
        [Never smoked|Non-smoker]; Ex-smoker, {#5:40:5} pack years; Smokes {#5:20:5} a day;
        Lives alone and is independent; Lives with [a partner|family]; Retired and
        [independent|walks daily]; Alcohol {#2:20:2} units per week)")},
      {"smoking_child", split_entries(R"(
        Immunisations are up to date; Lives with both parents; Attends school; Growth on the
        {#9:91:41}th centile; Development is normal; Eating and drinking normally)")},
      {"allergy", split_entries(R"(
        NKDA; No known drug allergies; Allergic to [penicillin|trimethoprim|latex];
        Intolerant of [codeine|morphine|ibuprofen])")},
  };
}

}  // namespace

const Lists& shared_lists() {
  static const Lists lists = make_shared_lists();
  return lists;
}

const std::vector<Style>& first_styles() {
  static const std::vector<Style> styles{
      {"letter",
       {{{100, "letter_open"}},
        {{25, "more_complaints"}, {30, "denies"}, {30, "history"}},
        {{55, "examination"}, {20, "vitals"}, {80, "speciality_line"}},
        {{60, "investigation"}, {15, "bloods"}},
        {{55, "impression"}, {10, "operation"}},
        {{55, "treatment"}, {35, "plan_line"}},
        {{35, "follow"}},
        {{12, "close"}}}},
      {"soap",
       {{{100, "soap_open"}},
        {{40, "denies"}, {25, "history"}},
        {{75, "objective"}},
        {{80, "speciality_line"}, {50, "investigation"}, {15, "bloods"}},
        {{90, "assessment"}},
        {{85, "plan_line"}, {35, "treatment"}},
        {{20, "follow"}}}},
      {"ward",
       {{{100, "ward_open"}},
        {{30, "history"}, {30, "denies"}},
        {{60, "vitals"}, {55, "examination"}},
        {{80, "speciality_line"}, {30, "bloods"}, {50, "investigation"}},
        {{40, "impression"}},
        {{50, "treatment"}, {50, "plan_line"}}}},
      {"discharge",
       {{{100, "discharge_open"}},
        {{25, "more_complaints"}, {25, "history"}},
        {{80, "speciality_line"}, {55, "investigation"}, {20, "bloods"}},
        {{50, "operation"}, {40, "treatment"}},
        {{70, "discharge_end"}},
        {{60, "follow"}, {15, "plan_line"}}}},
  };
  return styles;
}

const std::vector<Style>& later_styles() {
  static const std::vector<Style> styles{
      {"letter",
       {{{100, "review_open"}},
        {{75, "course_note"}, {35, "denies"}},
        {{40, "examination"}, {30, "vitals"}, {80, "speciality_line"}},
        {{55, "investigation"}, {15, "bloods"}, {10, "operation"}},
        {{70, "continuation"}, {40, "plan_line"}},
        {{55, "follow"}},
        {{12, "close"}}}},
      {"soap",
       {{{100, "soap_review_open"}},
        {{40, "denies"}},
        {{75, "objective"}},
        {{80, "speciality_line"}, {50, "investigation"}, {15, "bloods"}},
        {{90, "assessment"}},
        {{80, "plan_line"}, {40, "continuation"}}}},
      {"ward",
       {{{100, "ward_review_open"}},
        {{70, "vitals"}, {50, "examination"}},
        {{80, "speciality_line"}, {35, "bloods"}, {50, "investigation"}},
        {{20, "operation"}},
        {{45, "continuation"}, {70, "plan_line"}}}},
      {"discharge",
       {{{100, "discharge_open"}},
        {{50, "course_note"}},
        {{80, "speciality_line"}, {50, "investigation"}, {20, "bloods"}},
        {{35, "operation"}, {40, "continuation"}},
        {{70, "discharge_end"}},
        {{65, "follow"}}}},
  };
  return styles;
}

}  // namespace hippocrypt::notes
