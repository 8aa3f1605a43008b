#include "notes/synth/sources.hpp"

namespace hippocrypt::notes {

SpecialitySource oncology() {
  return {
      .name = "oncology",
      .clinic =
          "oncology clinic; chemotherapy day unit; breast oncology clinic; radiotherapy clinic",
      .signatures = R"(ECOG performance status [0|1|1|2]; ECOG performance status [0|1|1|2]. Cycle
        {#1:6} given without delay; Neutrophils {#1.2:5.8:0.1}, fit for chemotherapy today; No new
        toxicity above grade [1|2]; CT staging shows T{#1:4} N{#0:2} M[0|0|1] disease; Case
        discussed at the tumour board; Restaging CT shows [partial response|stable
        disease|progressive disease] by RECIST; Grade {#1:3} [fatigue|nausea|mucositis|neuropathy]
        after the last cycle; PICC line in place and flushing well; Treatment intent is
        [palliative|curative])",
      .negatives = R"(weight loss; fever; nausea; night sweats; bone pain; mouth ulcers;
        diarrhoea; new lumps; peripheral neuropathy)",
      .follow_ups = R"(Next cycle in {#2:3} weeks with bloods beforehand; Restaging CT after cycle
        {#3:6}; Review in the oncology clinic in {#3:12:3} weeks; Acute oncology helpline number
        given; Referred to the palliative care team; Tumour board discussion next week)",
      .groups =
          {{.sexes = "f",
            .age_low = 34,
            .age_high = 80,
            .diagnoses = R"(invasive ductal carcinoma of the [left|right] breast; metastatic
              breast cancer; HER2 positive breast cancer; triple negative breast cancer; ER
              positive breast cancer; ductal carcinoma in situ)",
            .complaints = R"(a breast lump; hot flushes on endocrine therapy; pain at the
              mastectomy scar; back pain from bone metastases; nipple retraction; swelling of the
              arm)",
            .findings = R"(a {#12:45} mm firm mass in the upper outer quadrant; palpable axillary
              nodes; a well healed mastectomy scar; no local recurrence; lymphoedema of the arm;
              skin erythema after radiotherapy)",
            .tests = R"(Core biopsy confirms grade {#1:3} invasive ductal carcinoma, ER {#6:8}/8,
              HER2 [negative|negative|positive]; Sentinel node biopsy {#0:3}/{#3:5} positive; Bone
              scan shows [no metastases|uptake in the lumbar spine]; CA 15-3 {#18:180:2} U/mL;
              Oncotype DX score {#8:38}; MUGA shows LVEF of {#54:68}%)",
            .drugs = R"(letrozole 2.5 mg once daily; tamoxifen 20 mg once daily; trastuzumab 6
              mg/kg every 3 weeks; paclitaxel 80 mg/m2 weekly; palbociclib 125 mg for 21 days;
              anastrozole 1 mg once daily; zoledronic acid 4 mg every {#3:6:3} months)",
            .procedures = R"(wide local excision with sentinel node biopsy; mastectomy with
              axillary clearance; adjuvant radiotherapy of 40 Gy in 15 fractions;
              ultrasound-guided core biopsy)",
            .plans = R"(start EC-paclitaxel, 6 cycles; adjuvant endocrine therapy for {#5:10:5}
              years; refer for adjuvant radiotherapy; DEXA scan before letrozole; echocardiogram
              every 3 months on trastuzumab)"},
           {.age_low = 44,
            .age_high = 84,
            .diagnoses = R"(metastatic colorectal cancer; stage III colon cancer; pancreatic
              adenocarcinoma; gastric adenocarcinoma; rectal cancer; cholangiocarcinoma)",
            .complaints = R"(weight loss and poor appetite; altered bowel habit; epigastric pain
              radiating to the back; nausea after chemotherapy; tingling in the fingers; rectal
              bleeding; jaundice and itch)",
            .findings = R"(a palpable liver edge; a soft abdomen with no masses; a functioning
              stoma; scleral icterus; cachexia with weight {#46:64} kg; reduced sensation in the
              fingertips)",
            .tests = R"(CEA {#4:220:2} ug/L; CT shows {#2:7} liver metastases, the largest
              {#12:52} mm; CA 19-9 {#60:1800:20} U/mL; KRAS [wild type|mutant], mismatch repair
              proficient; Bilirubin {#8:86:2} umol/L; Colonoscopy biopsy confirms
              adenocarcinoma)",
            .drugs = R"(FOLFOX every 2 weeks; capecitabine {#1500:2000:150} mg twice daily;
              FOLFIRINOX every 2 weeks; bevacizumab 5 mg/kg every 2 weeks; ondansetron 8 mg twice
              daily; loperamide 2 mg as required; pancreatic enzymes with meals)",
            .procedures = R"(right hemicolectomy; liver resection; biliary stent insertion; short
              course radiotherapy of 25 Gy in 5 fractions; PICC line insertion)",
            .plans = R"(continue FOLFOX for {#6:12:2} cycles; reduce oxaliplatin by {#20:25:5}%
              for neuropathy; delay cycle {#2:8} by one week; restaging CT after 6 cycles; refer
              to the dietitian; omit oxaliplatin)"},
           {.age_low = 50,
            .age_high = 84,
            .diagnoses = R"(metastatic lung adenocarcinoma; small cell lung cancer; squamous cell
              lung cancer; EGFR mutant lung cancer; mesothelioma; head and neck squamous cell
              carcinoma)",
            .complaints = R"(cough and haemoptysis; breathlessness and weight loss; hoarse voice;
              chest wall pain; headache from brain metastases; painful swallowing)",
            .findings = R"(reduced air entry at the [left|right] base; a supraclavicular node;
              finger clubbing; facial swelling with distended neck veins; oral mucositis grade
              {#1:3}; a grade {#1:2} rash)",
            .tests = R"(PET-CT shows a {#18:68} mm FDG-avid mass in the right upper lobe; PD-L1
              expression {#5:90:5}%; EBUS confirms N2 disease; MRI brain shows {#1:5} metastases;
              EGFR exon 19 deletion detected; TSH {#0.2:9.5:0.1} mU/L on immunotherapy)",
            .drugs = R"(pembrolizumab 200 mg every 3 weeks; carboplatin AUC 5 with pemetrexed;
              osimertinib 80 mg once daily; dexamethasone {#4:8:2} mg once daily; cisplatin with
              etoposide; morphine sulphate {#10:30:5} mg twice daily)",
            .procedures = R"(EBUS biopsy; drainage of a malignant pleural effusion; whole brain
              radiotherapy of 20 Gy in 5 fractions; stereotactic radiotherapy; chemoradiotherapy
              of 60 Gy in 30 fractions)",
            .plans = R"(continue pembrolizumab up to 2 years; hold immunotherapy and start
              prednisolone {#40:60:10} mg; concurrent chemoradiotherapy; molecular testing of the
              biopsy; palliative radiotherapy to the chest)"},
           {.age_low = 28,
            .age_high = 84,
            .diagnoses = R"(diffuse large B-cell lymphoma; multiple myeloma; neutropenic sepsis;
              Hodgkin lymphoma; follicular lymphoma; acute myeloid leukaemia; metastatic
              melanoma)",
            .complaints = R"(fever of {#38.1:39.6:0.1} after chemotherapy; night sweats and neck
              swelling; bone pain and fatigue; easy bruising; painless lymph node swelling; rigors
              through the line)",
            .findings = R"({#15:45:5} mm cervical lymph nodes; splenomegaly {#2:6} cm below the
              costal margin; tenderness over the lumbar spine; pallor; no source of infection;
              petechiae on the legs)",
            .tests = R"(Neutrophils {#0.1:0.9:0.1}, lactate {#0.8:3.2:0.1}; LDH {#220:900:20} U/L;
              PET-CT shows Deauville score {#1:4}; Paraprotein {#4:42} g/L, kappa light chains
              {#40:900:20} mg/L; Blood film shows {#20:80:5}% blasts; BRAF V600E mutation
              detected)",
            .drugs = R"(R-CHOP every 3 weeks; filgrastim 300 micrograms once daily;
              piperacillin-tazobactam 4.5 g three times daily; bortezomib with dexamethasone;
              lenalidomide {#10:25:5} mg for 21 days; allopurinol 300 mg once daily; nivolumab 480
              mg every 4 weeks)",
            .procedures = R"(bone marrow biopsy; excision biopsy of a cervical node; autologous
              stem cell transplant; platelet transfusion; red cell transfusion of 2 units)",
            .plans =
                R"(IV antibiotics within one hour; G-CSF with all further cycles; interim PET-CT
                  after cycle 2; dose reduction of {#20:25:5}%; R-CHOP, 6 cycles; transfuse if Hb
                  is below 80)"}},
  };
}

}  // namespace hippocrypt::notes
