#include "notes/synth/sources.hpp"

namespace hippocrypt::notes {

SpecialitySource nephrology() {
  return {
      .name = "nephrology",
      .clinic = "renal clinic; transplant clinic; dialysis unit; low clearance clinic",
      .signatures =
          R"(Creatinine {#110:640:5} umol/L, eGFR {#6:58}; Urine PCR {#20:680:10} mg/mmol; Urine
            dip shows blood {#1:3}+ and protein {#1:3}+; Renal ultrasound shows [two {#9:12} cm
            kidneys|small kidneys], no hydronephrosis; Dialysis via [left radiocephalic
            fistula|tunnelled line] three times a week; Dry weight {#52:96} kg; Potassium
            {#4.2:6.6:0.1} mmol/L, bicarbonate {#14:26}; Fluid status is
            [euvolaemic|overloaded|dry]; Phosphate {#0.9:2.4:0.1}, PTH {#12:90:2} pmol/L)",
      .negatives =
          R"(haematuria; ankle swelling; breathlessness; itch; urinary frequency; nausea; rash;
            loin pain; NSAID use)",
      .follow_ups =
          R"(U&E in {#1:4} weeks; Renal clinic in {#2:6} months; Transplant clinic in {#1:4} weeks
            with tacrolimus level; Low clearance education session booked; Anaemia nurse to
            review)",
      .groups =
          {{.age_low = 40,
            .age_high = 90,
            .diagnoses =
                R"(diabetic nephropathy; CKD stage 4; hypertensive nephropathy; CKD stage 3b;
                  polycystic kidney disease; renovascular disease)",
            .complaints =
                R"(tiredness and itch; declining kidney function; swelling of the legs; poor
                  appetite; nocturia)",
            .findings =
                R"(pitting oedema to the mid shin; bilateral ballotable kidneys; a renal bruit;
                  pallor; excoriations)",
            .tests =
                R"(eGFR fell from {#32:48} to {#14:30} in a year; Urine ACR {#30:340:10} mg/mmol;
                  Ferritin {#40:240:10}, TSAT {#10:28}%; Kidney failure risk {#4:48:2}% at 5
                  years; Haemoglobin {#82:112} g/L)",
            .drugs =
                R"(ramipril {#2.5:10:2.5} mg once daily; dapagliflozin 10 mg once daily;
                  furosemide 40 mg twice daily; alfacalcidol 0.25 micrograms once daily;
                  darbepoetin {#20:60:10} micrograms weekly; sodium bicarbonate 1 g three times
                  daily)",
            .procedures =
                R"(fistula formation; iron infusion; renal biopsy; peritoneal dialysis catheter
                  insertion)",
            .plans =
                R"(blood pressure below 130/80; optimise the ACE inhibitor; dietitian for low
                  potassium; refer for vascular access; transplant work-up)"},
           {.age_low = 34,
            .age_high = 88,
            .diagnoses =
                R"(acute kidney injury stage 2; acute tubular necrosis; prerenal acute kidney
                  injury; acute interstitial nephritis; obstructive uropathy; hyperkalaemia)",
            .complaints =
                R"(reduced urine output; vomiting and poor intake; confusion; diarrhoea with
                  dizziness; flank pain)",
            .findings =
                R"(dry mucous membranes; a palpable bladder; bibasal crackles; asterixis; reduced
                  skin turgor)",
            .tests =
                R"(Creatinine rose from {#78:110} to {#220:620:10} umol/L; Potassium
                  {#5.8:7.2:0.1} with tented T waves; Ultrasound shows bilateral hydronephrosis;
                  Urine eosinophils present; CK {#900:24000:100} U/L)",
            .drugs =
                R"(calcium gluconate 10% 30 ml; insulin with dextrose; IV saline {#1:3} litres;
                  sodium zirconium 10 g three times daily; prednisolone 40 mg once daily)",
            .procedures =
                R"(urinary catheterisation; haemofiltration; nephrostomy insertion; temporary
                  dialysis line insertion)",
            .plans =
                R"(stop ramipril and metformin; hourly urine output; IV fluids and daily U&E;
                  ultrasound within 24 hours; sick day rules)"},
           {.age_low = 20,
            .age_high = 78,
            .diagnoses =
                R"(IgA nephropathy; membranous nephropathy; lupus nephritis; ANCA vasculitis;
                  minimal change disease; focal segmental glomerulosclerosis)",
            .complaints =
                R"(frothy urine and swelling; visible haematuria after a cold; haemoptysis with
                  kidney failure; facial puffiness; joint pains with a rash)",
            .findings =
                R"(gross oedema to the thighs; a purpuric rash; periorbital swelling; a malar
                  rash; crackles at the bases)",
            .tests =
                R"(Renal biopsy shows mesangial IgA; Albumin {#14:28} g/L, PCR {#380:1400:20}
                  mg/mmol; MPO ANCA {#20:120:2} IU/mL; Anti-PLA2R {#20:240:10} RU/mL; Complement
                  C3 low, dsDNA {#60:300:10})",
            .drugs =
                R"(prednisolone 60 mg once daily; mycophenolate 1 g twice daily; rituximab 1 g two
                  weeks apart; cyclophosphamide 15 mg/kg; losartan {#50:100:50} mg once daily;
                  tacrolimus {#2:4} mg twice daily)",
            .procedures =
                R"(native renal biopsy; plasma exchange for {#5:7} sessions; chest CT; pulsed
                  methylprednisolone)",
            .plans =
                R"(start steroids and rituximab; Pneumocystis prophylaxis; fluid and salt
                  restriction; repeat PCR in 4 weeks; anticoagulate while albumin is below 20)"},
           {.age_low = 24,
            .age_high = 74,
            .diagnoses =
                R"(end-stage renal disease on haemodialysis; kidney transplant; peritoneal
                  dialysis peritonitis; acute transplant rejection; BK nephropathy)",
            .complaints =
                R"(cramps on dialysis; a cloudy dialysis bag; rising creatinine after transplant;
                  a painful fistula arm; breathlessness between sessions)",
            .findings =
                R"(a fistula with a good thrill; a non-tender graft in the right iliac fossa; a
                  tender abdomen; a clean exit site; {#1:4} kg above dry weight)",
            .tests =
                R"(Tacrolimus level {#4.2:13.8:0.2} ug/L; Transplant biopsy shows grade {#1:2}A
                  rejection; PD fluid white cells {#120:3400:40}; URR {#58:78}%; BK viral load
                  {#900:60000:100} copies/mL)",
            .drugs =
                R"(tacrolimus {#2:6} mg twice daily; mycophenolate 500 mg twice daily; sevelamer
                  1.6 g three times daily; prednisolone 5 mg once daily; intraperitoneal
                  vancomycin; epoetin 6000 units three times weekly)",
            .procedures =
                R"(haemodialysis with {#1:4} litres removed; transplant biopsy; fistuloplasty;
                  tunnelled line insertion)",
            .plans =
                R"(tacrolimus target {#5:8}; reduce dry weight by {#0.5:1.5:0.5} kg; pulsed
                  methylprednisolone; reduce mycophenolate; reactivate on the transplant list)"}},
  };
}

}  // namespace hippocrypt::notes
