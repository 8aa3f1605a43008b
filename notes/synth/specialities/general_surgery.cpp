#include "notes/synth/sources.hpp"

namespace hippocrypt::notes {

SpecialitySource general_surgery() {
  return {
      .name = "general_surgery",
      .clinic = "surgical clinic; hernia clinic; colorectal clinic; surgical assessment unit",
      .signatures =
          R"(ASA grade {#1:3}, consent form signed; Nil by mouth with IV fluids; Wound clean and
            dry with clips in situ; Eating and drinking, bowels opened on day {#2:5}; Drain output
            {#20:240:10} ml in 24 hours; Abdomen soft with [no|mild|localised] guarding; Pain
            score {#1:8} out of 10; VTE prophylaxis with enoxaparin 40 mg; Postoperative day
            {#1:6}, mobilising)",
      .negatives = R"(vomiting; fever; change in bowel habit; jaundice; wound discharge; previous
        abdominal surgery; urinary symptoms; calf pain)",
      .follow_ups =
          R"(Clips out in {#10:14} days; Surgical clinic in {#4:8:2} weeks with histology; No
            heavy lifting for {#4:6} weeks; Wound check with the practice nurse in {#5:7} days;
            Discharged from follow-up)",
      .groups =
          {{.age_low = 16,
            .age_high = 82,
            .diagnoses = R"(acute appendicitis; perforated appendix; small bowel obstruction;
              perforated duodenal ulcer; sigmoid volvulus; mesenteric ischaemia)",
            .complaints = R"(migratory right iliac fossa pain; colicky abdominal pain with
              vomiting; sudden severe upper abdominal pain; absolute constipation with
              distension)",
            .findings = R"(rebound tenderness in the right iliac fossa; a positive Rovsing sign;
              generalised peritonism; tinkling bowel sounds; a distended tympanic abdomen)",
            .tests =
                R"(CT shows a {#8:16} mm inflamed appendix; CT shows small bowel obstruction with
                  a transition point; Erect chest X-ray shows free air; Lactate {#1.0:5.8:0.2}
                  mmol/L; Ultrasound shows free fluid in the pelvis)",
            .drugs =
                R"(co-amoxiclav 1.2 g three times daily; metronidazole 500 mg three times daily;
                  paracetamol 1 g four times daily; morphine {#5:10:5} mg as required; cyclizine
                  50 mg three times daily)",
            .procedures = R"(laparoscopic appendicectomy; laparotomy and adhesiolysis; omental
              patch repair; small bowel resection; diagnostic laparoscopy)",
            .plans =
                R"(theatre tonight; nasogastric tube and IV fluids; repeat examination in {#4:6}
                  hours; IV antibiotics for {#3:5} days; strict fluid balance)"},
           {.sexes = "ffm",
            .age_low = 28,
            .age_high = 82,
            .diagnoses =
                R"(acute cholecystitis; biliary colic; gallstone pancreatitis;
                  choledocholithiasis; ascending cholangitis)",
            .complaints =
                R"(right upper quadrant pain after fatty meals; epigastric pain radiating to the
                  back; fever with rigors and jaundice; vomiting with upper abdominal pain)",
            .findings =
                R"(a positive Murphy sign; epigastric tenderness; icterus; a tender right upper
                  quadrant mass)",
            .tests = R"(Ultrasound shows gallstones with a {#4:9} mm gallbladder wall; Amylase
              {#320:2800:40} U/L; MRCP shows a {#7:14} mm common bile duct with stones; Glasgow
              score {#0:4}; ALP {#120:640:10} IU/L)",
            .drugs =
                R"(co-amoxiclav 625 mg three times daily; diclofenac 75 mg twice daily;
                  piperacillin-tazobactam 4.5 g three times daily; ondansetron 4 mg as
                  required)",
            .procedures = R"(laparoscopic cholecystectomy; ERCP with sphincterotomy; percutaneous
              cholecystostomy; on-table cholangiogram)",
            .plans = R"(hot gallbladder list; MRCP then ERCP; low fat diet; laparoscopic
              cholecystectomy within {#2:6} weeks; aggressive fluid resuscitation)"},
           {.sexes = "mmf",
            .age_low = 24,
            .age_high = 88,
            .diagnoses =
                R"(inguinal hernia; incarcerated femoral hernia; umbilical hernia; incisional
                  hernia; pilonidal abscess; perianal abscess)",
            .complaints =
                R"(a groin lump; an irreducible painful groin swelling; a lump at the old scar;
                  throbbing perianal pain; swelling in the natal cleft)",
            .findings =
                R"(a reducible inguinal swelling with a cough impulse; a tender irreducible lump
                  below the ligament; a {#3:8} cm fascial defect; a fluctuant perianal swelling;
                  natal cleft pits)",
            .tests =
                R"(Ultrasound confirms a {#12:40} mm hernia defect; CT shows fat in the sac; Wound
                  swab grew mixed anaerobes; Preoperative ECG is normal)",
            .drugs =
                R"(paracetamol 1 g four times daily; ibuprofen 400 mg three times daily; codeine
                  30 mg as required; flucloxacillin 500 mg four times daily; senna 15 mg at
                  night)",
            .procedures = R"(open mesh repair; laparoscopic TEP repair; incision and drainage;
              emergency femoral hernia repair; examination under anaesthetic)",
            .plans = R"(day case mesh repair; watch and wait; daily packing; stop smoking before
              surgery; emergency list today)"},
           {.age_low = 40,
            .age_high = 88,
            .diagnoses =
                R"(haemorrhoids; sigmoid diverticulitis; anal fissure; anastomotic leak; wound
                  infection; colonic obstruction)",
            .complaints = R"(bright red rectal bleeding; left iliac fossa pain and fever; pain on
              defecation; a hot red wound; abdominal distension on day {#3:6})",
            .findings =
                R"(second degree haemorrhoids; left iliac fossa tenderness; a posterior midline
                  fissure; wound erythema of {#2:6} cm; a healthy pink stoma)",
            .tests =
                R"(CT shows a {#2:6} cm pericolic abscess, Hinchey {#1:3}; Sigmoidoscopy to
                  {#15:40:5} cm normal; CT with contrast shows a leak; Histology shows clear
                  margins, {#0:3}/{#12:24} nodes; Wound swab grew Staphylococcus aureus)",
            .drugs = R"(ciprofloxacin 500 mg twice daily; diltiazem 2% cream twice daily; laxido
              one sachet twice daily; meropenem 1 g three times daily; tramadol 50 mg as
              required)",
            .procedures =
                R"(Hartmann's procedure; banding of haemorrhoids; CT-guided drainage;
                  defunctioning ileostomy; lateral sphincterotomy)",
            .plans = R"(CT abdomen today; high fibre diet; stoma nurse review; return to theatre;
              colonoscopy in 6 weeks)"}},
  };
}

}  // namespace hippocrypt::notes
