#include "notes/synth/sources.hpp"

namespace hippocrypt::notes {

SpecialitySource endocrinology() {
  return {
      .name = "endocrinology",
      .clinic = "diabetes clinic; endocrine clinic; thyroid clinic; pituitary clinic",
      .signatures = R"(HbA1c {#46:104:2} mmol/mol; TSH {#0.1:9.6:0.1} mU/L, free T4 {#8:34}
        pmol/L; BMI {#22:44} kg/m2; Foot pulses present and monofilament sensation intact;
        Clinically [euthyroid|hyperthyroid|hypothyroid]; Urine albumin creatinine ratio {#1:40}
        mg/mmol; Retinal screening shows [no retinopathy|background retinopathy]; Sick day rules
        explained; Time in range {#38:84:2}% on continuous glucose monitoring)",
      .negatives = R"(hypoglycaemia; polyuria; weight loss; neck pain; visual field loss; heat
        intolerance; galactorrhoea; foot ulcers; palpitations)",
      .follow_ups = R"(Repeat HbA1c in {#3:6:3} months; Review in the diabetes clinic in {#3:6}
        months; Thyroid function in {#6:8} weeks; Dietitian review booked; Diabetes specialist
        nurse to call in {#1:3} weeks)",
      .groups =
          {{.age_low = 18,
            .age_high = 84,
            .diagnoses = R"(type 2 diabetes with poor control; type 1 diabetes; diabetic
              ketoacidosis; diabetic foot ulcer; steroid-induced diabetes; diabetic neuropathy)",
            .complaints = R"(polyuria and thirst; high home glucose readings; recurrent nocturnal
              hypoglycaemia; a foot ulcer; vomiting with high ketones; weight gain on insulin)",
            .findings = R"(reduced vibration sense at the ankles; lipohypertrophy at injection
              sites; a {#1:4} cm plantar ulcer; dehydration and ketotic breath; acanthosis
              nigricans)",
            .tests = R"(Glucose {#11.2:28.6:0.2} mmol/L, ketones {#0.4:6.2:0.1} mmol/L; HbA1c
              {#58:116:2} mmol/mol; Venous pH {#7.02:7.28:0.02}, bicarbonate {#6:17}; GAD
              antibodies [positive|negative]; C-peptide {#80:900:20} pmol/L)",
            .drugs = R"(metformin 1 g twice daily; empagliflozin 10 mg once daily; insulin
              glargine {#10:48:2} units at night; semaglutide {#0.25:1:0.25} mg weekly; insulin
              aspart {#4:14:2} units with meals; gliclazide 80 mg twice daily)",
            .procedures = R"(fixed rate insulin infusion at 0.1 units/kg/h; insulin pump start;
              foot debridement; structured education course)",
            .plans = R"(titrate glargine by 2 units every 3 days; start an SGLT2 inhibitor; add
              weekly semaglutide; refer to podiatry; review injection technique)"},
           {.sexes = "ffm",
            .age_low = 20,
            .age_high = 80,
            .diagnoses = R"(Graves' disease; Hashimoto hypothyroidism; multinodular goitre;
              subacute thyroiditis; toxic nodule; papillary thyroid cancer)",
            .complaints = R"(weight loss with tremor; tiredness and cold intolerance; neck
              swelling; heat intolerance and anxiety; gritty eyes; dry skin and constipation)",
            .findings = R"(a smooth diffuse goitre with a bruit; fine tremor and lid lag; a
              {#12:38} mm nodule in the right lobe; slow relaxing reflexes; proptosis)",
            .tests = R"(TSH receptor antibodies {#2.1:24.0:0.3} IU/L; TSH below 0.01, free T4
              {#28:74} pmol/L; Thyroid ultrasound shows a U{#2:4} nodule; TPO antibodies
              {#120:1200:20} IU/mL; FNA cytology Thy{#2:4}; Uptake scan shows diffuse increased
              uptake)",
            .drugs = R"(levothyroxine {#50:150:25} micrograms once daily; carbimazole {#5:40:5} mg
              once daily; propranolol 40 mg three times daily; propylthiouracil 50 mg twice daily;
              selenium 100 micrograms twice daily)",
            .procedures = R"(radioiodine treatment; total thyroidectomy; ultrasound-guided FNA;
              hemithyroidectomy)",
            .plans = R"(carbimazole for {#12:18:6} months; increase levothyroxine by 25
              micrograms; warn about agranulocytosis and sore throat; refer for radioiodine; eye
              clinic referral)"},
           {.age_low = 24,
            .age_high = 76,
            .diagnoses = R"(prolactinoma; Cushing's disease; acromegaly; Addison's disease;
              hypopituitarism; non-functioning pituitary adenoma; phaeochromocytoma)",
            .complaints = R"(galactorrhoea and low libido; dizziness and salt craving; enlarging
              hands and feet; headaches with visual loss; central weight gain and bruising;
              episodes of sweating and palpitations)",
            .findings = R"(bitemporal hemianopia; purple abdominal striae; buccal pigmentation;
              spade-like hands; proximal myopathy; a postural drop of {#18:40:2} mmHg)",
            .tests =
                R"(Prolactin {#900:9800:100} mU/L; Short Synacthen test peak cortisol {#60:380:10}
                  nmol/L; MRI pituitary shows a {#5:24} mm adenoma; IGF-1 {#42:120:2} nmol/L;
                  Overnight dexamethasone cortisol {#80:420:10} nmol/L; Plasma metanephrines
                  raised)",
            .drugs = R"(cabergoline {#0.25:1:0.25} mg twice weekly; hydrocortisone 10 mg, 5 mg and
              5 mg daily; fludrocortisone 100 micrograms once daily; octreotide LAR 20 mg monthly;
              growth hormone 0.3 mg at night; desmopressin 100 micrograms at night)",
            .procedures = R"(transsphenoidal surgery; insulin tolerance test; laparoscopic
              adrenalectomy; inferior petrosal sinus sampling)",
            .plans = R"(steroid emergency card and injection kit; formal visual fields; repeat MRI
              pituitary in 12 months; double hydrocortisone when unwell; pituitary board
              discussion)"},
           {.sexes = "f",
            .age_low = 28,
            .age_high = 86,
            .diagnoses = R"(primary hyperparathyroidism; postmenopausal osteoporosis; vitamin D
              deficiency; polycystic ovary syndrome; hypocalcaemia after thyroidectomy)",
            .complaints =
                R"(thirst and constipation; a low trauma wrist fracture; irregular periods;
                  tingling around the mouth; bone pain; excess facial hair)",
            .findings = R"(a positive Chvostek sign; thoracic kyphosis; hirsutism; no palpable
              neck mass; proximal tenderness)",
            .tests = R"(Adjusted calcium {#2.62:3.20:0.02} mmol/L with PTH {#8:32} pmol/L; DEXA
              T-score minus {#2.5:3.9:0.1} at the spine; Vitamin D {#12:48:2} nmol/L; Sestamibi
              scan localises a left lower adenoma; Testosterone {#1.4:3.6:0.1} nmol/L)",
            .drugs = R"(alendronate 70 mg weekly; colecalciferol 800 units once daily; cinacalcet
              30 mg twice daily; denosumab 60 mg every 6 months; alfacalcidol 0.5 micrograms once
              daily)",
            .procedures =
                R"(parathyroidectomy; zoledronate infusion; DEXA scan; pelvic ultrasound)",
            .plans = R"(refer for parathyroidectomy; adequate fluids and avoid thiazides; bone
              protection for 5 years; load vitamin D; weight loss programme)"}},
  };
}

}  // namespace hippocrypt::notes
