#include "notes/synth/sources.hpp"

namespace hippocrypt::notes {

SpecialitySource orthopaedics() {
  return {
      .name = "orthopaedics",
      .clinic = "fracture clinic; orthopaedic clinic; hip and knee clinic; spinal clinic",
      .signatures =
          R"(Neurovascularly intact distally; Weight bearing as tolerated with [a
            frame|crutches|one stick]; Plain films show satisfactory alignment; Range of movement
            {#0:10:5} to {#85:125:5} degrees; Wound clean and dry, sutures out at {#10:14} days;
            Oxford score {#12:46}; Mechanism was a fall from standing height; Closed injury,
            compartments soft; Physiotherapy for strengthening and range of movement)",
      .negatives =
          R"(numbness; locking; night pain; fever; previous fractures; bladder symptoms; calf
            swelling; giving way)",
      .follow_ups =
          R"(Fracture clinic in {#1:6} weeks with X-rays; Hip precautions for 6 weeks; Cast off in
            {#4:6} weeks; Physiotherapy referral made; Joint replacement review in {#6:12:6}
            weeks)",
      .groups =
          {{.sexes = "fffm",
            .age_low = 62,
            .age_high = 96,
            .diagnoses =
                R"(intracapsular neck of femur fracture; intertrochanteric hip fracture; distal
                  radius fracture; vertebral compression fracture; proximal humerus fracture;
                  pubic ramus fracture)",
            .complaints =
                R"(hip pain after a fall; a painful deformed wrist; sudden back pain after
                  lifting; inability to weight bear; shoulder pain after a fall)",
            .findings =
                R"(a shortened and externally rotated leg; a dinner fork deformity; midline lumbar
                  tenderness; bruising of the upper arm; painful hip rotation)",
            .tests =
                R"(X-ray shows a displaced Garden {#3:4} fracture; X-ray shows dorsal angulation
                  of {#10:30:5} degrees; Nottingham hip fracture score {#3:7}; X-ray shows an
                  L{#1:3} wedge fracture; AMTS {#4:10}/10)",
            .drugs =
                R"(paracetamol 1 g four times daily; enoxaparin 40 mg once daily; alendronate 70
                  mg weekly; oxycodone {#2.5:5:2.5} mg as required; calcium with vitamin D twice
                  daily)",
            .procedures =
                R"(cemented hemiarthroplasty; dynamic hip screw fixation; manipulation under
                  haematoma block; volar plate fixation; fascia iliaca block)",
            .plans =
                R"(theatre within 36 hours; orthogeriatric review; mobilise full weight bearing on
                  day 1; falls assessment and bone health; backslab and elevation)"},
           {.age_low = 50,
            .age_high = 88,
            .diagnoses =
                R"(osteoarthritis of the knee; osteoarthritis of the hip; aseptic loosening of a
                  hip replacement; prosthetic joint infection; hallux valgus)",
            .complaints =
                R"(knee pain limiting walking to {#50:400:50} metres; groin pain and stiffness;
                  start-up thigh pain; knee swelling after replacement; a painful bunion)",
            .findings =
                R"(a varus knee with crepitus; a fixed flexion deformity of {#5:15:5} degrees; an
                  antalgic gait; reduced internal rotation of the hip; a well healed midline
                  scar)",
            .tests =
                R"(X-ray shows Kellgren-Lawrence grade {#3:4} changes; Knee aspirate white cells
                  {#300:42000:100}; X-ray shows a well fixed prosthesis; X-ray shows loss of joint
                  space with osteophytes; Leg length discrepancy {#5:20:5} mm)",
            .drugs =
                R"(naproxen 500 mg twice daily; paracetamol 1 g four times daily; codeine 30 mg as
                  required; rivaroxaban 10 mg once daily; omeprazole 20 mg once daily; topical
                  ibuprofen gel)",
            .procedures =
                R"(total knee replacement; total hip replacement; steroid injection of the knee;
                  revision hip replacement; debridement and implant retention)",
            .plans =
                R"(list for total knee replacement; weight loss and physiotherapy; steroid
                  injection; pre-assessment and joint school; VTE prophylaxis for {#14:35:7}
                  days)"},
           {.sexes = "mmf",
            .age_low = 17,
            .age_high = 54,
            .diagnoses =
                R"(ACL rupture; bucket handle meniscal tear; anterior shoulder dislocation;
                  Achilles tendon rupture; Weber B ankle fracture; scaphoid fracture; tibial shaft
                  fracture)",
            .complaints =
                R"(a twisting knee injury with a pop; recurrent shoulder dislocation; ankle pain
                  after inversion; sudden calf pain at football; pain in the anatomical
                  snuffbox)",
            .findings =
                R"(a positive Lachman test; joint line tenderness; a palpable gap in the tendon;
                  lateral malleolar swelling; loss of the deltoid contour; snuffbox tenderness)",
            .tests =
                R"(MRI shows a complete ACL tear; MRI shows a medial meniscal tear; X-ray shows a
                  Weber B fracture with talar shift of {#1:4} mm; MR arthrogram shows a Bankart
                  lesion; CT shows a waist fracture of the scaphoid)",
            .drugs =
                R"(ibuprofen 400 mg three times daily; dihydrocodeine 30 mg as required;
                  dalteparin 5000 units once daily; cefuroxime 1.5 g at induction; paracetamol 1 g
                  four times daily)",
            .procedures =
                R"(ACL reconstruction with hamstring graft; open reduction and internal fixation;
                  arthroscopic partial meniscectomy; closed reduction under sedation;
                  intramedullary nailing)",
            .plans =
                R"(non weight bearing for {#4:6} weeks; boot in equinus with wedges; sling for
                  {#2:3} weeks; listed for fixation on the trauma list; graded return to sport at
                  {#6:9} months)"},
           {.age_low = 32,
            .age_high = 76,
            .diagnoses =
                R"(L5/S1 disc prolapse; lumbar spinal stenosis; carpal tunnel syndrome; rotator
                  cuff tear; frozen shoulder; trigger finger; cauda equina syndrome)",
            .complaints =
                R"(back pain radiating down the left leg; numb hands at night; shoulder pain on
                  overhead work; leg heaviness on walking; a finger that locks)",
            .findings =
                R"(straight leg raise of {#30:60:5} degrees; a positive Tinel and Phalen test; a
                  painful arc; weak external rotation; reduced S1 sensation)",
            .tests =
                R"(MRI shows an L5/S1 disc prolapse with S1 compression; Nerve conduction shows
                  moderate median compression; Ultrasound shows a {#8:28} mm supraspinatus tear;
                  MRI shows stenosis at L{#3:4}; Post-void residual {#20:420:20} ml)",
            .drugs =
                R"(amitriptyline 10 mg at night; gabapentin 300 mg three times daily; naproxen 250
                  mg twice daily; diazepam 2 mg as required; triamcinolone 40 mg injection)",
            .procedures =
                R"(L5/S1 microdiscectomy; carpal tunnel decompression; arthroscopic cuff repair;
                  nerve root block; hydrodilatation)",
            .plans =
                R"(night splints for 6 weeks; urgent MRI spine; nerve root injection; core
                  physiotherapy; subacromial injection)"}},
  };
}

}  // namespace hippocrypt::notes
