#include "notes/synth/sources.hpp"

namespace hippocrypt::notes {

SpecialitySource infectious_disease() {
  return {
      .name = "infectious_disease",
      .clinic = "infectious diseases clinic; HIV clinic; travel clinic; outpatient antibiotic unit",
      .signatures =
          R"(Blood cultures [negative at 48 hours|grew Escherichia coli|grew Staphylococcus
            aureus]; CD4 count {#180:860:10}, viral load [undetectable|{#40:9000:20} copies/mL];
            Fever settled after {#24:72:12} hours of treatment; Day {#2:14} of antibiotics;
            Travelled to [India|Kenya|Brazil|Thailand] {#2:8} weeks ago; Source control discussed
            with microbiology; Isolated in a side room with [contact|droplet|airborne]
            precautions; Procalcitonin {#0.1:18.0:0.3} ug/L; qSOFA score {#0:3})",
      .negatives =
          R"(rash; neck stiffness; photophobia; night sweats; foreign travel; animal contact;
            unprotected sex; diarrhoea; sick contacts)",
      .follow_ups =
          R"(Outpatient antibiotic review weekly; Repeat blood cultures in 48 hours; HIV clinic in
            {#3:6} months; Contact tracing started; Repeat CRP in {#1:2} weeks)",
      .groups =
          {{.age_low = 24,
            .age_high = 90,
            .diagnoses =
                R"(Staphylococcus aureus bacteraemia; urosepsis; necrotising fasciitis; discitis;
                  septic arthritis; bacterial meningitis)",
            .complaints =
                R"(fever and rigors; confusion and fever; severe back pain with fever; a hot
                  swollen knee; spreading redness of the leg; headache with neck stiffness)",
            .findings =
                R"(a capillary refill of {#2:5} seconds; a new murmur; focal spinal tenderness; a
                  tender warm joint with effusion; crepitus over the thigh; neck stiffness)",
            .tests =
                R"(Lactate {#1.4:6.8:0.2} mmol/L; Blood cultures grew MSSA in {#1:4} of 4 bottles;
                  MRI spine shows L{#2:4} discitis; CSF white cells {#120:2400:40}, glucose
                  {#0.8:2.4:0.1} mmol/L; Joint aspirate shows gram positive cocci)",
            .drugs =
                R"(flucloxacillin 2 g six times daily; ceftriaxone 2 g twice daily; meropenem 1 g
                  three times daily; vancomycin 1 g twice daily; gentamicin {#240:400:40} mg once
                  daily; clindamycin 600 mg four times daily)",
            .procedures =
                R"(lumbar puncture; joint washout; surgical debridement; line removal; CT-guided
                  biopsy)",
            .plans =
                R"(IV antibiotics for {#2:6} weeks; repeat blood cultures at 48 hours;
                  echocardiogram to exclude endocarditis; sepsis six; PICC line for outpatient
                  antibiotics)"},
           {.age_low = 20,
            .age_high = 66,
            .diagnoses = R"(HIV infection; Pneumocystis pneumonia; hepatitis B; secondary
              syphilis; cryptococcal meningitis; oesophageal candidiasis)",
            .complaints =
                R"(weight loss and night sweats; dry cough and breathlessness; painful swallowing;
                  a rash on the palms; swollen glands; persistent headache)",
            .findings =
                R"(oral candida; generalised lymphadenopathy; a maculopapular rash on the palms
                  and soles; a clear chest despite hypoxia; seborrhoeic dermatitis)",
            .tests =
                R"(HIV viral load {#2000:98000:2000} copies/mL; CD4 count {#12:320:4}; Syphilis
                  RPR 1:{#16:128:16}; Cryptococcal antigen [positive|negative]; HBV DNA
                  {#200:90000:200} IU/mL)",
            .drugs =
                R"(bictegravir with emtricitabine and tenofovir once daily; co-trimoxazole 960 mg
                  three times daily; fluconazole 200 mg once daily; tenofovir 245 mg once daily;
                  benzathine penicillin 2.4 MU weekly for {#1:3} doses; dolutegravir 50 mg once
                  daily)",
            .procedures =
                R"(bronchoscopy with lavage; lumbar puncture with manometry; gastroscopy;
                  resistance testing)",
            .plans = R"(start antiretroviral therapy; prophylaxis until CD4 is above 200; partner
              notification; adherence support; hepatitis B vaccination of contacts)"},
           {.age_low = 18,
            .age_high = 60,
            .diagnoses =
                R"(falciparum malaria; typhoid fever; dengue fever; traveller's diarrhoea; vivax
                  malaria; schistosomiasis)",
            .complaints =
                R"(cyclical fever after travel; fever with abdominal pain; retro-orbital headache
                  and muscle aches; watery diarrhoea; an itchy rash after swimming)",
            .findings =
                R"(splenomegaly {#2:5} cm; rose spots; a blanching rash; mild jaundice;
                  dehydration)",
            .tests =
                R"(Blood film shows Plasmodium falciparum, parasitaemia {#0.2:4.8:0.2}%; Platelets
                  {#28:120:2}; Dengue NS1 antigen positive; Blood cultures grew Salmonella Typhi;
                  Eosinophils {#0.8:6.4:0.2})",
            .drugs =
                R"(artemether-lumefantrine for 3 days; IV artesunate 2.4 mg/kg; azithromycin 500
                  mg once daily; primaquine 30 mg once daily; praziquantel 40 mg/kg; ciprofloxacin
                  500 mg twice daily)",
            .procedures =
                R"(three malaria films; stool microscopy; rapid antigen testing; G6PD testing)",
            .plans =
                R"(repeat parasitaemia daily; G6PD before primaquine; notify public health; oral
                  rehydration; avoid NSAIDs)"},
           {.age_low = 22,
            .age_high = 80,
            .diagnoses =
                R"(pulmonary tuberculosis; tuberculous lymphadenitis; COVID-19 pneumonia;
                  influenza A; Clostridioides difficile colitis; Lyme disease)",
            .complaints =
                R"(chronic cough with night sweats; a neck lump with weight loss; fever and loss
                  of smell; profuse diarrhoea after antibiotics; an expanding rash after a tick
                  bite)",
            .findings =
                R"(upper zone crackles; matted cervical nodes; erythema migrans of {#6:18} cm;
                  abdominal tenderness; oxygen requirement of {#1:6} litres)",
            .tests =
                R"(Sputum smear [positive|negative], GeneXpert MTB detected; Chest X-ray shows a
                  right upper lobe cavity; C. difficile toxin positive; SARS-CoV-2 PCR positive;
                  Borrelia IgG positive; Interferon gamma release assay positive)",
            .drugs =
                R"(rifampicin with isoniazid, pyrazinamide and ethambutol; oral vancomycin 125 mg
                  four times daily; dexamethasone 6 mg once daily; doxycycline 100 mg twice daily;
                  oseltamivir 75 mg twice daily)",
            .procedures =
                R"(induced sputum; lymph node aspiration; bronchoscopy; faecal microbiota
                  transplant)",
            .plans =
                R"(quadruple therapy for 2 months then two drugs for {#4:7}; weekly liver
                  function; visual acuity before ethambutol; isolate for 2 weeks; stop the proton
                  pump inhibitor)"}},
  };
}

}  // namespace hippocrypt::notes
