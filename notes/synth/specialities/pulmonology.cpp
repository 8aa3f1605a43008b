#include "notes/synth/sources.hpp"

namespace hippocrypt::notes {

SpecialitySource pulmonology() {
  return {
      .name = "pulmonology",
      .clinic =
          "respiratory clinic; sleep clinic; pleural clinic; interstitial lung disease clinic",
      .signatures =
          R"(FEV1 {#0.7:3.4:0.1} litres, {#28:92:2}% of predicted; MRC dyspnoea scale {#1:5}; Sats
            {#86:97}% on [air|{#1:4} litres]; Chest X-ray shows [clear lungs|hyperinflation|right
            lower zone shadowing]; CAT score {#6:34}; Smoking history of {#10:60:5} pack years;
            Inhaler technique checked and corrected; {#1:5} exacerbations in the last year; Walked
            {#120:480:20} metres in six minutes)",
      .negatives =
          R"(haemoptysis; chest pain; fever; weight loss; wheeze; night sweats; leg swelling;
            asbestos exposure)",
      .follow_ups =
          R"(Repeat spirometry in {#3:12:3} months; Chest X-ray in 6 weeks; Respiratory clinic in
            {#2:6} months; Pulmonary rehabilitation referral; Respiratory nurse visit in {#1:2}
            weeks)",
      .groups =
          {{.age_low = 48,
            .age_high = 88,
            .diagnoses =
                R"(COPD; infective exacerbation of COPD; severe emphysema; type 2 respiratory
                  failure; alpha-1 antitrypsin deficiency; bronchiectasis)",
            .complaints =
                R"(breathlessness and wheeze; increased green sputum; reduced exercise tolerance;
                  a daily productive cough; morning headaches)",
            .findings =
                R"(expiratory wheeze throughout; pursed lip breathing; coarse bibasal crackles; a
                  barrel chest; use of accessory muscles)",
            .tests =
                R"(ABG pH {#7.22:7.42:0.02}, pCO2 {#5.2:10.4:0.2} kPa; FEV1/FVC ratio
                  {#0.34:0.68:0.02}; Sputum grew Haemophilus influenzae; CT shows bronchiectasis
                  in the lower lobes; Eosinophils {#0.1:0.8:0.1})",
            .drugs =
                R"(salbutamol nebuliser 2.5 mg four times daily; prednisolone 30 mg for 5 days;
                  tiotropium 18 micrograms once daily; doxycycline 100 mg once daily; azithromycin
                  250 mg three times weekly; fluticasone with vilanterol once daily; carbocisteine
                  750 mg twice daily)",
            .procedures =
                R"(non-invasive ventilation at {#12:20}/5; pulmonary rehabilitation; long-term
                  oxygen assessment; lung volume reduction)",
            .plans =
                R"(target sats 88 to 92%; stop smoking with varenicline; triple inhaler; rescue
                  pack at home; sputum culture and chest clearance)"},
           {.age_low = 17,
            .age_high = 70,
            .diagnoses =
                R"(severe eosinophilic asthma; acute asthma; poorly controlled asthma; allergic
                  bronchopulmonary aspergillosis; chronic cough)",
            .complaints =
                R"(nocturnal cough and wheeze; chest tightness with exercise; breathlessness after
                  a cold; needing salbutamol {#2:8} times a day)",
            .findings =
                R"(polyphonic wheeze; a quiet chest; nasal polyps; speaking in full sentences)",
            .tests =
                R"(Peak flow {#180:460:10} L/min; FeNO {#24:110:2} ppb; Eosinophils
                  {#0.3:1.6:0.1}; Total IgE {#80:1800:20} kU/L; Reversibility of {#12:28}% after
                  salbutamol)",
            .drugs =
                R"(beclometasone with formoterol two puffs twice daily; salbutamol as required;
                  montelukast 10 mg at night; mepolizumab 100 mg every 4 weeks; prednisolone 40 mg
                  for 7 days; itraconazole 200 mg twice daily)",
            .procedures =
                R"(bronchial challenge testing; back-to-back nebulisers; IV magnesium 2 g; allergy
                  skin testing)",
            .plans =
                R"(personal asthma action plan; step up the inhaled steroid; biologic therapy
                  referral; peak flow diary; annual flu vaccine)"},
           {.age_low = 50,
            .age_high = 86,
            .diagnoses =
                R"(idiopathic pulmonary fibrosis; sarcoidosis; hypersensitivity pneumonitis;
                  obstructive sleep apnoea; pulmonary hypertension; asbestosis)",
            .complaints =
                R"(progressive exertional breathlessness; a dry cough; loud snoring with daytime
                  sleepiness; fatigue and joint aches; witnessed apnoeas)",
            .findings =
                R"(fine end-inspiratory crackles; finger clubbing; a collar size of {#16:20}
                  inches; a loud P2; erythema nodosum)",
            .tests =
                R"(HRCT shows basal honeycombing; DLCO {#28:72:2}% of predicted; AHI {#12:68:2}
                  events per hour; Epworth score {#8:22}; FVC {#48:88:2}% of predicted; Serum ACE
                  {#60:140:2} U/L)",
            .drugs =
                R"(nintedanib 150 mg twice daily; pirfenidone 801 mg three times daily;
                  prednisolone {#10:30:5} mg once daily; CPAP at {#8:14} cm water; sildenafil 20
                  mg three times daily; methotrexate 15 mg weekly)",
            .procedures =
                R"(EBUS with transbronchial biopsy; a sleep study; bronchoalveolar lavage; right
                  heart catheterisation)",
            .plans =
                R"(discuss at the ILD meeting; start CPAP and inform the licensing authority;
                  ambulatory oxygen; antifibrotic treatment; transplant referral)"},
           {.age_low = 26,
            .age_high = 90,
            .diagnoses =
                R"(community acquired pneumonia; pulmonary embolism; pleural effusion; spontaneous
                  pneumothorax; empyema; aspiration pneumonia)",
            .complaints =
                R"(fever with productive cough; pleuritic chest pain; sudden breathlessness; right
                  sided chest pain and fever; cough after swallowing)",
            .findings =
                R"(bronchial breathing at the right base; stony dullness to percussion; absent
                  breath sounds on the left; a pleural rub; a swollen left calf)",
            .tests =
                R"(CTPA shows [bilateral|segmental] pulmonary emboli; CURB-65 score {#0:4};
                  Pleural fluid pH {#6.90:7.40:0.05}, LDH {#200:1600:20}; Chest X-ray shows a
                  {#2:5} cm pneumothorax; D-dimer {#600:6400:100} ng/mL; Legionella antigen
                  negative)",
            .drugs =
                R"(amoxicillin 1 g three times daily; clarithromycin 500 mg twice daily; apixaban
                  10 mg twice daily for 7 days; co-amoxiclav 1.2 g three times daily;
                  piperacillin-tazobactam 4.5 g three times daily)",
            .procedures =
                R"(chest drain insertion; pleural aspiration of {#300:1500:100} ml; needle
                  aspiration; intrapleural fibrinolysis)",
            .plans =
                R"(anticoagulate for {#3:6} months; antibiotics for {#5:7} days; repeat chest
                  X-ray in 6 weeks; no flying until resolved; mobilise and sit out)"}},
  };
}

}  // namespace hippocrypt::notes
