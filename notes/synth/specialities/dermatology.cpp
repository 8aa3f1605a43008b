#include "notes/synth/sources.hpp"

namespace hippocrypt::notes {

SpecialitySource dermatology() {
  return {
      .name = "dermatology",
      .clinic = "dermatology clinic; skin lesion clinic; phototherapy unit; patch test clinic",
      .signatures = R"(Fitzpatrick skin type [I|II|II|III]; DLQI {#2:26}, PASI {#2:22}; Full skin
        examination shows no other suspicious lesions; Dermoscopy shows [an irregular|a regular]
        pigment network; Emollients and soap substitute advised; No palpable lymphadenopathy; Body
        surface area involved is {#2:40}%; Sun protection and self-examination advised; Nails and
        scalp are [spared|involved])",
      .negatives = R"(itch; bleeding from the lesion; joint pain; fever; mucosal involvement; new
        moles; recent travel; a family history of melanoma)",
      .follow_ups = R"(Review in the dermatology clinic in {#6:16:2} weeks; Histology by letter in
        {#3:6} weeks; Skin check every {#3:6:3} months; Patch testing in {#4:8} weeks; Discharged
        to the family doctor)",
      .groups =
          {{.age_low = 6,
            .age_high = 78,
            .diagnoses = R"(atopic eczema; chronic plaque psoriasis; allergic contact dermatitis;
              hand eczema; seborrhoeic dermatitis; guttate psoriasis)",
            .complaints = R"(an itchy rash in the elbow flexures; scaly plaques on the elbows and
              knees; cracked and itchy hands; a flare of eczema with broken sleep; a scaly
              scalp)",
            .findings = R"(well demarcated erythematous plaques with silvery scale; lichenified
              patches in the flexures; excoriations on the limbs; fissured palms; nail pitting)",
            .tests = R"(Patch testing positive to nickel; IgE {#60:2200:20} kU/L; Swab grew
              Staphylococcus aureus; Fasting lipids and LFTs normal on treatment; TPMT activity
              normal)",
            .drugs = R"(betamethasone 0.1% ointment twice daily; calcipotriol with betamethasone
              gel once daily; methotrexate {#10:20:2.5} mg weekly; hydrocortisone 1% cream twice
              daily; dupilumab 300 mg every 2 weeks; tacrolimus 0.1% ointment twice daily;
              adalimumab 40 mg every 2 weeks)",
            .procedures = R"(narrowband UVB phototherapy; patch testing; PUVA for the hands; wet
              wrapping)",
            .plans = R"(potent topical steroid for {#2:4} weeks then wean; refer for phototherapy;
              folic acid 5 mg weekly with methotrexate; start a biologic; avoid soap and
              irritants)"},
           {.age_low = 40,
            .age_high = 90,
            .diagnoses = R"(basal cell carcinoma; malignant melanoma; squamous cell carcinoma;
              actinic keratosis; Bowen's disease; seborrhoeic keratosis)",
            .complaints = R"(a changing mole on the back; a non-healing sore on the nose; a
              bleeding nodule on the scalp; a crusted lesion on the ear; a rough patch on the
              forehead)",
            .findings = R"(a {#4:18} mm pearly nodule with telangiectasia; an asymmetrical
              pigmented lesion of {#6:16} mm; a hyperkeratotic nodule on the scalp; multiple rough
              erythematous patches; a waxy stuck-on plaque)",
            .tests = R"(Histology shows nodular basal cell carcinoma with clear margins; Breslow
              thickness {#0.3:3.6:0.1} mm; Punch biopsy shows full thickness dysplasia; Dermoscopy
              shows arborising vessels; Histology shows a moderately differentiated squamous cell
              carcinoma)",
            .drugs = R"(5-fluorouracil 5% cream once daily; imiquimod 5% cream five times weekly;
              diclofenac 3% gel twice daily; nicotinamide 500 mg twice daily; chloramphenicol
              ointment to the wound)",
            .procedures = R"(excision with a {#2:4} mm margin; Mohs surgery; curettage and
              cautery; wide local excision with a {#1:2} cm margin; cryotherapy)",
            .plans = R"(excise under local anaesthetic; wide local excision; urgent two week wait
              referral; sutures out in {#7:14:7} days; field treatment with 5-fluorouracil)"},
           {.age_low = 14,
            .age_high = 60,
            .diagnoses = R"(acne vulgaris; rosacea; alopecia areata; hidradenitis suppurativa;
              chronic urticaria; vitiligo)",
            .complaints = R"(facial spots with scarring; facial flushing; patchy hair loss;
              painful lumps in the armpits; weals that come and go daily; pale patches on the
              hands)",
            .findings = R"(comedones and inflammatory papules on the face; papulopustules on the
              cheeks; a smooth patch of hair loss; discharging sinuses in the axillae; urticarial
              weals; depigmented macules)",
            .tests = R"(Ferritin {#8:120:2} ug/L; Thyroid antibodies [positive|negative]; Liver
              function and lipids normal before isotretinoin; Hurley stage {#1:3}; UAS7 score
              {#6:38})",
            .drugs = R"(lymecycline 408 mg once daily; isotretinoin {#20:60:10} mg once daily;
              adapalene with benzoyl peroxide gel at night; ivermectin 1% cream once daily;
              cetirizine 10 mg twice daily; omalizumab 300 mg every 4 weeks)",
            .procedures = R"(intralesional triamcinolone injection; deroofing of an axillary
              sinus; scalp biopsy; laser treatment)",
            .plans = R"(start isotretinoin with monthly blood tests; lip balm and sun protection;
              fourfold antihistamine dose; clindamycin and rifampicin for 10 weeks; topical
              treatment for {#8:12} weeks)"},
           {.age_low = 40,
            .age_high = 92,
            .diagnoses = R"(bullous pemphigoid; cellulitis of the lower leg; venous leg ulcer;
              drug eruption; cutaneous lupus; lichen planus)",
            .complaints = R"(tense blisters on the limbs; a hot red leg; a leg ulcer above the
              ankle; a widespread rash after amoxicillin; an itchy purple rash on the wrists)",
            .findings = R"(tense bullae on an erythematous base; a {#3:9} cm sloughy ulcer over
              the medial malleolus; a maculopapular eruption on the trunk; violaceous flat-topped
              papules; warm spreading erythema)",
            .tests = R"(Direct immunofluorescence shows linear IgG at the basement membrane; ABPI
              {#0.8:1.2:0.1}; Eosinophils {#0.6:3.8:0.1}; ANA 1:{#160:640:160}; Skin biopsy shows
              a lichenoid infiltrate)",
            .drugs = R"(prednisolone {#20:40:5} mg once daily; doxycycline 200 mg once daily;
              flucloxacillin 1 g four times daily; clobetasol 0.05% cream twice daily;
              hydroxychloroquine 200 mg once daily)",
            .procedures = R"(punch biopsy; four-layer compression bandaging; skin biopsy for
              immunofluorescence; aspiration of bullae)",
            .plans = R"(wean prednisolone by 5 mg every 2 weeks; compression bandaging; stop the
              culprit drug; bone protection; leg elevation and emollients)"}},
  };
}

}  // namespace hippocrypt::notes
