#include "notes/synth/sources.hpp"

namespace hippocrypt::notes {

SpecialitySource ophthalmology() {
  return {
      .name = "ophthalmology",
      .clinic = "eye clinic; glaucoma clinic; macular clinic; eye casualty",
      .signatures =
          R"(Visual acuity right 6/{#6:36:3}, left 6/{#6:36:3}; Intraocular pressure {#11:32} mmHg
            right and {#11:32} mmHg left; Anterior chamber [deep and quiet|with cells 1+|shallow];
            Cup to disc ratio {#0.3:0.9:0.1}; OCT macula shows central thickness {#220:480:5}
            microns; Dilated fundoscopy shows [a flat retina|normal discs|scattered haemorrhages];
            Pupils equal with no relative afferent defect; Slit lamp examination shows a clear
            cornea; Visual fields [full|show an arcuate defect])",
      .negatives =
          R"(flashes; floaters; eye pain; double vision; headache; jaw claudication; photophobia;
            discharge; contact lens wear)",
      .follow_ups =
          R"(Review in the eye clinic in {#1:6} weeks; Next injection in {#4:12:2} weeks; Pressure
            check in {#3:6} months; Listed for cataract surgery; Return at once if vision
            drops)",
      .groups =
          {{.age_low = 54,
            .age_high = 92,
            .diagnoses =
                R"(nuclear sclerotic cataract; posterior subcapsular cataract; dense white
                  cataract; posterior capsule opacification)",
            .complaints =
                R"(gradual blurring of vision; glare when driving at night; difficulty reading;
                  cloudy vision after cataract surgery)",
            .findings =
                R"(nuclear sclerosis grade {#1:3}; a posterior subcapsular opacity; a well centred
                  lens implant; capsule opacification)",
            .tests =
                R"(Biometry gives a {#18:25:0.5} dioptre lens; Pinhole acuity 6/{#9:24:3};
                  Endothelial count {#1600:2800:50}; Refraction minus {#0.5:4.0:0.25} dioptres)",
            .drugs =
                R"(dexamethasone 0.1% drops four times daily; chloramphenicol 0.5% drops four
                  times daily; ketorolac drops three times daily; prednisolone 1% drops four times
                  daily)",
            .procedures =
                R"(phacoemulsification with lens implant; YAG capsulotomy; biometry; second eye
                  cataract surgery)",
            .plans =
                R"(list for right cataract surgery; YAG capsulotomy; drops for 4 weeks; new
                  glasses after 6 weeks)"},
           {.age_low = 45,
            .age_high = 90,
            .diagnoses =
                R"(primary open angle glaucoma; ocular hypertension; acute angle closure; normal
                  tension glaucoma; pseudoexfoliation glaucoma)",
            .complaints =
                R"(raised eye pressure found by the optician; a painful red eye with haloes; loss
                  of side vision; sore eyes from drops)",
            .findings =
                R"(an inferior notch of the optic disc; a mid-dilated fixed pupil; narrow angles
                  on gonioscopy; disc cupping; conjunctival hyperaemia)",
            .tests =
                R"(Humphrey fields show mean deviation minus {#2.0:14.0:0.5} dB; Pachymetry
                  {#490:590:5} microns; OCT RNFL average {#54:92:2} microns; Intraocular pressure
                  {#38:62:2} mmHg in the affected eye)",
            .drugs =
                R"(latanoprost drops at night; timolol 0.5% drops twice daily; brinzolamide drops
                  twice daily; acetazolamide 250 mg four times daily; brimonidine drops twice
                  daily)",
            .procedures =
                R"(laser peripheral iridotomy; selective laser trabeculoplasty; trabeculectomy
                  with mitomycin; drainage tube insertion)",
            .plans =
                R"(target pressure below {#14:18}; add brinzolamide; laser trabeculoplasty;
                  improve drop technique; repeat fields in 6 months)"},
           {.age_low = 48,
            .age_high = 92,
            .diagnoses =
                R"(wet age-related macular degeneration; diabetic macular oedema; proliferative
                  diabetic retinopathy; branch retinal vein occlusion; retinal detachment;
                  epiretinal membrane)",
            .complaints =
                R"(distortion of straight lines; sudden flashes and floaters; a curtain across the
                  vision; blurred central vision; sudden painless loss of vision)",
            .findings =
                R"(subretinal fluid at the macula; new vessels at the disc; a superotemporal
                  retinal tear; hard exudates; flame haemorrhages; drusen)",
            .tests =
                R"(OCT shows intraretinal fluid with thickness {#310:560:10} microns; Fluorescein
                  angiogram shows leakage; OCT shows a dry macula after {#3:12} injections; B-scan
                  shows a macula-on detachment)",
            .drugs =
                R"(aflibercept 2 mg intravitreal; ranibizumab 0.5 mg intravitreal; faricimab 6 mg
                  intravitreal; dexamethasone implant; povidone iodine before injection)",
            .procedures =
                R"(intravitreal aflibercept injection; panretinal photocoagulation; vitrectomy
                  with gas tamponade; laser retinopexy)",
            .plans =
                R"(three loading injections; treat and extend by {#2:4} weeks; urgent
                  vitreoretinal referral; improve diabetic control; face-down posture)"},
           {.age_low = 18,
            .age_high = 78,
            .diagnoses =
                R"(acute anterior uveitis; bacterial keratitis; blepharitis; adenoviral
                  conjunctivitis; corneal abrasion; giant cell arteritis; dry eye disease)",
            .complaints =
                R"(a painful red eye with photophobia; gritty sore eyes; a foreign body sensation;
                  sticky discharge; scalp tenderness with visual loss)",
            .findings =
                R"(keratic precipitates and cells 2+; a {#1:4} mm corneal infiltrate; follicular
                  conjunctivitis; an epithelial defect with fluorescein; capped meibomian
                  glands)",
            .tests =
                R"(Corneal scrape grew Pseudomonas; HLA-B27 [positive|negative]; ESR {#52:110:2}
                  mm/h; Schirmer test {#2:14} mm; Tear break-up time {#2:9} seconds)",
            .drugs =
                R"(prednisolone 1% drops hourly; ofloxacin drops hourly; cyclopentolate 1% drops
                  twice daily; hypromellose drops four times daily; prednisolone 60 mg once
                  daily)",
            .procedures =
                R"(corneal scrape; temporal artery biopsy; foreign body removal; punctal plug
                  insertion)",
            .plans =
                R"(taper steroid drops over {#4:8} weeks; stop contact lenses; hot compresses and
                  lid hygiene; review in 48 hours; hand hygiene)"}},
  };
}

}  // namespace hippocrypt::notes
