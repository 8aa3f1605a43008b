#include "notes/synth/sources.hpp"

namespace hippocrypt::notes {

SpecialitySource gastroenterology() {
  return {
      .name = "gastroenterology",
      .clinic = "gastroenterology clinic; IBD clinic; liver clinic; endoscopy unit",
      .signatures = R"(Faecal calprotectin {#30:1600:10} ug/g; Abdomen soft and non-tender with
        normal bowel sounds; Bowels open {#1:9} times a day; Child-Pugh [A|A|B|C], MELD {#7:24};
        Gastroscopy shows [a normal oesophagus|mild gastritis|a hiatus hernia]; Weight {#48:96}
        kg, [stable|down {#2:8} kg]; Colonoscopy to the caecum with [good|adequate] preparation;
        Liver edge [not palpable|palpable at {#2:4} cm]; ALT {#14:260:2} IU/L, albumin {#24:44}
        g/L)",
      .negatives =
          R"(rectal bleeding; weight loss; dysphagia; vomiting; jaundice; melaena; nocturnal
            stools; mouth ulcers)",
      .follow_ups = R"(Repeat calprotectin in {#6:12:2} weeks; Surveillance colonoscopy in {#1:5}
        years; Review in the gastroenterology clinic in {#6:16:2} weeks; IBD helpline number
        given; Repeat gastroscopy in {#6:8} weeks)",
      .groups =
          {{.age_low = 17,
            .age_high = 68,
            .diagnoses = R"(ulcerative colitis; Crohn's disease; acute severe colitis; ileocaecal
              Crohn's disease; microscopic colitis; proctitis)",
            .complaints = R"(bloody diarrhoea with urgency; right iliac fossa pain and loose
              stools; increased stool frequency; perianal pain and discharge; abdominal cramps
              with mucus)",
            .findings =
                R"(tenderness in the left iliac fossa; a perianal fistula; a palpable mass in the
                  right iliac fossa; mild abdominal distension; aphthous ulcers)",
            .tests = R"(Colonoscopy shows continuous inflammation to the splenic flexure, Mayo
              {#1:3}; MR enterography shows {#8:35} cm of terminal ileal thickening; Stool culture
              and C. difficile negative; Infliximab trough {#1:9} mg/L; Abdominal X-ray shows no
              dilatation)",
            .drugs =
                R"(mesalazine [2.4|4.8] g once daily; prednisolone 40 mg reducing by 5 mg weekly;
                  infliximab 5 mg/kg every 8 weeks; azathioprine {#75:150:25} mg once daily;
                  vedolizumab 300 mg every 8 weeks; budesonide 9 mg once daily)",
            .procedures = R"(flexible sigmoidoscopy with biopsies; ileocaecal resection;
              colonoscopy with biopsies; seton insertion)",
            .plans = R"(IV hydrocortisone 100 mg four times daily; start infliximab; stool chart
              and daily CRP; optimise azathioprine; colorectal surgical review)"},
           {.age_low = 28,
            .age_high = 80,
            .diagnoses = R"(alcohol-related cirrhosis; decompensated liver disease; fatty liver
              disease; autoimmune hepatitis; hepatitis C; primary biliary cholangitis)",
            .complaints = R"(abdominal distension; jaundice and itch; confusion and drowsiness;
              haematemesis; fatigue with abnormal liver tests)",
            .findings = R"(shifting dullness; spider naevi and palmar erythema; asterixis; icteric
              sclerae; splenomegaly)",
            .tests = R"(Ascitic tap neutrophils {#40:900:20} per mm3; Bilirubin {#18:280:4}
              umol/L, INR {#1.1:2.6:0.1}; FibroScan {#5:48} kPa; Ultrasound shows a coarse liver
              and ascites; Gastroscopy shows grade {#1:3} oesophageal varices; AFP {#2:60:2}
              ug/L)",
            .drugs =
                R"(spironolactone {#100:200:50} mg once daily; lactulose 20 ml three times daily;
                  carvedilol 6.25 mg twice daily; rifaximin 550 mg twice daily; thiamine 100 mg
                  three times daily; ursodeoxycholic acid 500 mg twice daily)",
            .procedures = R"(variceal band ligation; paracentesis of {#4:12} litres with albumin
              cover; transjugular liver biopsy; TIPS)",
            .plans = R"(daily weights and no added salt; six-monthly liver ultrasound; alcohol
              liaison referral; prophylactic ciprofloxacin; transplant assessment)"},
           {.age_low = 30,
            .age_high = 84,
            .diagnoses = R"(gastro-oesophageal reflux disease; duodenal ulcer; Barrett's
              oesophagus; Helicobacter pylori gastritis; upper gastrointestinal bleed;
              achalasia)",
            .complaints = R"(heartburn and acid regurgitation; epigastric pain after meals;
              melaena and dizziness; food sticking; coffee ground vomiting)",
            .findings =
                R"(epigastric tenderness; melaena on rectal examination; pallor; no abdominal
                  masses; a soft abdomen)",
            .tests =
                R"(Gastroscopy shows a {#6:20} mm duodenal ulcer, Forrest [IIa|IIb|III]; CLO test
                  [positive|negative]; Glasgow-Blatchford score {#2:13}; Barrett's segment C{#1:5}
                  M{#5:8}; Barium swallow shows a bird beak appearance)",
            .drugs = R"(omeprazole {#20:40:20} mg twice daily; lansoprazole 30 mg once daily;
              amoxicillin and clarithromycin for 7 days; gaviscon 10 ml as required; ferrous
              fumarate 210 mg once daily)",
            .procedures = R"(gastroscopy with clipping and adrenaline; endoscopic dilatation;
              gastroscopy with biopsies; radiofrequency ablation)",
            .plans =
                R"(eradicate Helicobacter and retest; IV pantoprazole infusion for 72 hours; stop
                  NSAIDs; raise the head of the bed; gastroscopy within 24 hours)"},
           {.age_low = 18,
            .age_high = 76,
            .diagnoses = R"(irritable bowel syndrome; coeliac disease; iron deficiency anaemia;
              chronic pancreatitis; colonic polyps; diverticulitis)",
            .complaints = R"(bloating and alternating bowel habit; tiredness with loose stools;
              epigastric pain through to the back; left sided abdominal pain; pale floating
              stools)",
            .findings =
                R"(a distended but soft abdomen; pallor and koilonychia; epigastric fullness;
                  dermatitis herpetiformis; guarding in the left iliac fossa)",
            .tests = R"(Tissue transglutaminase {#12:128:2} U/mL; Faecal elastase {#40:480:10}
              ug/g; Ferritin {#4:22} ug/L; Colonoscopy shows {#1:5} tubular adenomas; CT shows
              sigmoid diverticulitis; Duodenal biopsies show villous atrophy)",
            .drugs = R"(mebeverine 135 mg three times daily; creon 25000 units with meals; ferrous
              sulphate 200 mg once daily; co-amoxiclav 625 mg three times daily; amitriptyline 10
              mg at night; loperamide 2 mg as required)",
            .procedures = R"(polypectomy; duodenal biopsies; capsule endoscopy; ERCP with
              stent)",
            .plans =
                R"(lifelong gluten-free diet; low FODMAP diet with the dietitian; colonoscopy to
                  exclude a bleeding source; DEXA scan; stop alcohol)"}},
  };
}

}  // namespace hippocrypt::notes
