#include "notes/synth/sources.hpp"

namespace hippocrypt::notes {

SpecialitySource paediatrics() {
  return {
      .name = "paediatrics",
      .clinic = "paediatric clinic; children's assessment unit; community paediatric clinic",
      .signatures =
          R"(Alert, well perfused, capillary refill under 2 seconds; Weight {#11:48} kg on the
            {#9:91:41}th centile; Immunisations up to date and development appropriate; Seen with
            [mother|father|both parents]; PEWS score {#0:5}; Throat [clear|red], ears normal;
            Drinking well with wet nappies or good urine output; Safety netting advice given to
            parents; Attends [nursery|school] and missed {#1:9} days this term)",
      .negatives =
          R"(rash; vomiting; drowsiness; apnoea; poor feeding; neck stiffness; weight loss; blood
            in the stool; bed wetting)",
      .follow_ups =
          R"(Open access for 48 hours; Paediatric clinic in {#4:12:2} weeks; Health visitor to
            weigh in {#1:2} weeks; School nurse to review; Return if breathing worsens or feeding
            drops)",
      .groups =
          {{.age_low = 2,
            .age_high = 14,
            .diagnoses =
                R"(viral induced wheeze; acute exacerbation of asthma; croup; community acquired
                  pneumonia; bronchiolitis; cystic fibrosis exacerbation)",
            .complaints =
                R"(cough and wheeze; noisy breathing with a barking cough; fever and fast
                  breathing; night-time cough; breathlessness after running)",
            .findings =
                R"(bilateral wheeze with recessions; stridor at rest; right basal crackles; mild
                  subcostal recession; a hyperinflated chest)",
            .tests =
                R"(Peak flow {#50:85:5}% of predicted; Chest X-ray shows right lower lobe
                  consolidation; Respiratory swab positive for [RSV|rhinovirus|influenza A];
                  Capillary gas pH {#7.28:7.40:0.02}; FeNO {#18:64:2} ppb)",
            .drugs =
                R"(salbutamol {#4:10:2} puffs via spacer; prednisolone {#10:30:10} mg for 3 days;
                  clenil 100 micrograms twice daily; dexamethasone 0.15 mg/kg once; amoxicillin
                  250 mg three times daily; montelukast 4 mg at night)",
            .procedures =
                R"(a salbutamol burst; high flow oxygen for {#1:3} days; IV magnesium;
                  spirometry)",
            .plans =
                R"(stretch salbutamol to 4 hourly; wheeze plan and inhaler technique; oral
                  antibiotics for 5 days; observe for 4 hours; preventer inhaler for 3 months)"},
           {.age_low = 2,
            .age_high = 12,
            .diagnoses =
                R"(viral gastroenteritis; febrile convulsion; tonsillitis; urinary tract
                  infection; chickenpox; Kawasaki disease; meningococcal sepsis)",
            .complaints =
                R"(vomiting and diarrhoea; a seizure with fever; fever and sore throat; fever for
                  {#2:6} days with a rash; pain on passing urine)",
            .findings =
                R"(enlarged tonsils with exudate; a vesicular rash; mild dehydration; a blanching
                  rash on the trunk; cracked lips and red eyes)",
            .tests =
                R"(Urine dip positive for leucocytes and nitrites; CRP {#8:140:2} mg/L; Urine
                  culture grew E. coli; Ketones {#0.6:4.8:0.2} mmol/L; Glucose {#3.2:6.8:0.1}
                  mmol/L)",
            .drugs =
                R"(paracetamol {#120:480:60} mg four times daily; oral rehydration solution after
                  each loose stool; trimethoprim 4 mg/kg twice daily; phenoxymethylpenicillin 250
                  mg twice daily; ceftriaxone 80 mg/kg once daily; ibuprofen 100 mg three times
                  daily)",
            .procedures =
                R"(a fluid challenge; lumbar puncture; renal ultrasound; immunoglobulin
                  infusion)",
            .plans =
                R"(oral fluid trial; febrile convulsion leaflet; clean catch urine; antibiotics
                  for {#3:10} days; IV ceftriaxone after cultures)"},
           {.age_low = 3,
            .age_high = 15,
            .diagnoses =
                R"(childhood absence epilepsy; ADHD; autism spectrum disorder; developmental
                  delay; migraine of childhood; cerebral palsy)",
            .complaints =
                R"(staring spells at school; poor concentration; delayed speech; headaches after
                  school; restless behaviour; difficulty with transitions)",
            .findings =
                R"(a normal neurological examination; limited eye contact; increased tone in the
                  legs; head circumference on the 50th centile; toe walking)",
            .tests =
                R"(EEG shows 3 Hz spike and wave; Hearing test is normal; Conners score
                  {#58:88:2}; Genetic microarray [normal|shows a small deletion]; School report
                  describes inattention)",
            .drugs =
                R"(ethosuximide 250 mg twice daily; methylphenidate {#18:36:9} mg once daily;
                  melatonin {#2:6} mg at night; ibuprofen 200 mg as required; baclofen 5 mg three
                  times daily)",
            .procedures =
                R"(EEG with hyperventilation; a multidisciplinary autism assessment; MRI under
                  sedation; botulinum toxin to the calves)",
            .plans =
                R"(speech and language therapy; education and health plan; parenting course;
                  monitor height, weight and pulse; sleep hygiene)"},
           {.age_low = 3,
            .age_high = 15,
            .diagnoses =
                R"(functional constipation; cow's milk allergy; coeliac disease; new type 1
                  diabetes; nocturnal enuresis; peanut allergy; iron deficiency)",
            .complaints =
                R"(hard painful stools; hives after peanuts; tummy pain and poor growth; thirst
                  and bed wetting; soiling)",
            .findings =
                R"(a faecal mass in the left iliac fossa; urticaria on the face; pallor; abdominal
                  distension; weight loss of {#1:3} kg)",
            .tests =
                R"(Capillary glucose {#14:31} mmol/L with ketones {#0.8:5.2:0.2}; Peanut specific
                  IgE {#2:64} kU/L; TTG {#20:128:4} U/mL; Skin prick test {#3:11} mm to peanut;
                  Ferritin {#4:18} ug/L)",
            .drugs =
                R"(macrogol {#2:8} sachets daily; cetirizine 5 mg once daily; adrenaline
                  autoinjector 150 micrograms; insulin detemir {#4:14} units at night;
                  desmopressin 120 micrograms at night; ferrous fumarate 5 ml twice daily)",
            .procedures =
                R"(an oral food challenge; disimpaction; duodenal biopsies; skin prick testing)",
            .plans =
                R"(disimpaction then maintenance macrogol; allergy action plan for school;
                  carbohydrate counting with the dietitian; toilet routine after meals;
                  gluten-free diet)"}},
  };
}

}  // namespace hippocrypt::notes
