#include "notes/synth/sources.hpp"

namespace hippocrypt::notes {

SpecialitySource urology() {
  return {
      .name = "urology",
      .clinic = "urology clinic; haematuria clinic; stone clinic; continence clinic",
      .signatures =
          R"(Creatinine {#58:140:2} umol/L with normal upper tracts; Bladder diary shows an
            average volume of {#160:380:10} ml; Flow rate Qmax {#5:24} ml/s with residual
            {#10:320:10} ml; Flexible cystoscopy shows [a normal bladder|trabeculation|mild
            inflammation]; Abdomen soft and bladder not palpable; MSU [negative|grew E. coli|grew
            Proteus]; Catheter draining clear urine; Ultrasound shows no hydronephrosis; Voids
            {#6:14} times a day and {#1:5} at night)",
      .negatives =
          R"(visible haematuria; dysuria; loin pain; fever; incontinence; bone pain; weight loss;
            a weak stream)",
      .follow_ups =
          R"(Bloods and MSU in {#3:6:3} months; Check cystoscopy in {#3:12:3} months; Trial
            without catheter in {#1:3} weeks; Urology clinic in {#6:12:2} weeks with flow test;
            Stent removal in {#2:6} weeks)",
      .groups =
          {{.sexes = "m",
            .age_low = 52,
            .age_high = 90,
            .diagnoses =
                R"(benign prostatic hyperplasia; prostate adenocarcinoma; acute urinary retention;
                  metastatic prostate cancer; chronic prostatitis; raised PSA)",
            .complaints =
                R"(poor stream and hesitancy; nocturia {#2:5} times a night; inability to pass
                  urine; a raised PSA; perineal pain; terminal dribbling)",
            .findings =
                R"(a smooth enlarged prostate; a hard nodule in the left lobe; a palpable bladder;
                  a tender prostate; a small firm prostate)",
            .tests =
                R"(MRI prostate shows a PI-RADS {#3:5} lesion of {#6:22} mm; Biopsy shows Gleason
                  [3+3|3+4|4+3|4+5] in {#2:9} of 12 cores; PSA rose from {#2.0:6.0:0.2} to
                  {#6.4:22.0:0.4}; Residual volume {#120:900:20} ml; Bone scan [negative|shows
                  pelvic uptake])",
            .drugs =
                R"(tamsulosin 400 micrograms once daily; finasteride 5 mg once daily; leuprorelin
                  11.25 mg every 3 months; bicalutamide 50 mg once daily; ciprofloxacin 500 mg
                  twice daily; abiraterone 1 g once daily)",
            .procedures =
                R"(TURP; transperineal prostate biopsy; robotic prostatectomy; urethral
                  catheterisation; holmium laser enucleation)",
            .plans =
                R"(start tamsulosin and trial without catheter; active surveillance; hormone
                  therapy with radiotherapy; list for TURP; multiparametric MRI)"},
           {.age_low = 24,
            .age_high = 74,
            .diagnoses =
                R"(left ureteric stone; renal colic; staghorn calculus; infected obstructed
                  kidney; bladder stone)",
            .complaints =
                R"(loin to groin pain; colicky left flank pain with nausea; fever with loin pain;
                  recurrent stones; painful haematuria)",
            .findings =
                R"(left renal angle tenderness; a soft abdomen; rigors and flank tenderness; a
                  restless patient in pain)",
            .tests =
                R"(CT KUB shows a {#3:14} mm [proximal|distal] ureteric stone; Urate {#240:520:10}
                  umol/L; Stone analysis shows calcium oxalate; CT shows moderate hydronephrosis;
                  Urine dip shows blood 3+)",
            .drugs =
                R"(diclofenac 100 mg rectally; tamsulosin 400 micrograms once daily; potassium
                  citrate 10 mmol three times daily; gentamicin 320 mg once; paracetamol 1 g four
                  times daily)",
            .procedures =
                R"(ureteroscopy and laser lithotripsy; JJ stent insertion; shock wave lithotripsy;
                  percutaneous nephrolithotomy; emergency nephrostomy)",
            .plans =
                R"(conservative management with CT at 4 weeks; drink {#2:3} litres a day; urgent
                  decompression; shock wave treatment; stone screen)"},
           {.sexes = "mmf",
            .age_low = 50,
            .age_high = 88,
            .diagnoses =
                R"(non-muscle invasive bladder cancer; muscle invasive bladder cancer; renal cell
                  carcinoma; visible haematuria; upper tract urothelial carcinoma; carcinoma in
                  situ of the bladder)",
            .complaints =
                R"(painless visible haematuria; clots in the urine; an incidental renal mass;
                  frequency after BCG; loin pain with clots)",
            .findings =
                R"(no palpable masses; a ballotable left kidney; a healthy urostomy; inguinal
                  lymph nodes; suprapubic tenderness)",
            .tests =
                R"(Cystoscopy shows a {#6:40} mm papillary tumour; Histology shows G{#1:3}
                  pT[a|1|2] urothelial carcinoma; CT urogram shows a {#18:82:2} mm renal mass;
                  Urine cytology [negative|atypical]; Bone scan negative)",
            .drugs =
                R"(intravesical mitomycin 40 mg; intravesical BCG weekly for 6 weeks; sunitinib 50
                  mg once daily; tranexamic acid 1 g three times daily; solifenacin 5 mg once
                  daily)",
            .procedures =
                R"(TURBT; radical cystectomy with ileal conduit; laparoscopic nephrectomy; bladder
                  washout; nephroureterectomy)",
            .plans =
                R"(TURBT with single dose mitomycin; BCG induction course; CT urogram and
                  cystoscopy; partial nephrectomy; three-way catheter with irrigation)"},
           {.sexes = "f",
            .age_low = 22,
            .age_high = 84,
            .diagnoses =
                R"(overactive bladder; recurrent cystitis; stress incontinence; acute
                  pyelonephritis; neurogenic bladder; interstitial cystitis; urethral
                  stricture)",
            .complaints =
                R"(urgency and urge leakage; burning on passing urine; leakage on coughing;
                  bladder pain relieved by voiding; recurrent infections)",
            .findings =
                R"(a mild cystocele; suprapubic tenderness; atrophic vaginitis; loin tenderness;
                  leakage on a cough test)",
            .tests =
                R"(Urodynamics show detrusor overactivity at {#120:340:20} ml; Bladder diary shows
                  {#9:18} voids a day; Ultrasound shows a residual of {#20:220:20} ml; MSU grew
                  ESBL E. coli; Pad test {#4:60:2} g)",
            .drugs =
                R"(mirabegron 50 mg once daily; nitrofurantoin 50 mg at night; oxybutynin 5 mg
                  twice daily; methenamine 1 g twice daily; vaginal oestrogen twice weekly;
                  trimethoprim 200 mg twice daily)",
            .procedures =
                R"(intravesical botulinum toxin {#100:200:100} units; urodynamics; midurethral
                  sling; optical urethrotomy; intermittent self-catheterisation)",
            .plans =
                R"(bladder training and less caffeine; pelvic floor exercises for 3 months;
                  prophylaxis for 6 months; botulinum toxin if no better; teach
                  self-catheterisation)"}},
  };
}

}  // namespace hippocrypt::notes
