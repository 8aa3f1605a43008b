#include "notes/synth/sources.hpp"

namespace hippocrypt::notes {

SpecialitySource cardiology() {
  return {
      .name = "cardiology",
      .clinic = "cardiology clinic; heart failure clinic; arrhythmia clinic; valve clinic",
      .signatures = R"(Echocardiogram shows LVEF of {#25:60:5}%; ECG shows sinus rhythm at
        {#56:98} bpm with no acute ischaemic changes; NYHA class [I|II|II|III] symptoms; Troponin
        T was {#6:48:2} ng/L and not rising; CHA2DS2-VASc score {#1:6}, HAS-BLED {#1:3}; Heart
        sounds normal, JVP not raised, no peripheral oedema; Echocardiogram shows LVEF of
        {#25:60:5}% with [mild|moderate] mitral regurgitation; Cardiovascular risk factors are
        hypertension, smoking and high cholesterol; Telemetry shows no significant arrhythmia
        overnight; CCS class [I|II|III] angina)",
      .negatives = R"(chest pain; palpitations; syncope; orthopnoea; ankle swelling; paroxysmal
        nocturnal dyspnoea; claudication; breathlessness at rest; presyncope)",
      .follow_ups = R"(Review in the cardiology clinic in {#4:12:2} weeks with an ECG; Repeat
        echocardiogram in {#3:12:3} months; Referred for cardiac rehabilitation; Heart failure
        nurse to review in {#1:4} weeks; Pacing check in {#3:6} months; Target LDL below 1.8
        mmol/L, lipids in {#6:12:2} weeks)",
      .groups =
          {{.age_low = 42,
            .diagnoses = R"(stable angina; acute coronary syndrome; NSTEMI; anterior STEMI;
              ischaemic heart disease; inferior STEMI; unstable angina)",
            .complaints = R"(central chest pain on exertion; chest tightness radiating to the left
              arm; exertional chest tightness relieved by GTN; crushing chest pain with sweating;
              retrosternal chest pain at rest; jaw pain on walking uphill)",
            .findings = R"(normal heart sounds and a clear chest; a regular pulse of {#62:92:2}
              bpm; no signs of heart failure; bilateral radial pulses; xanthelasma; a fourth heart
              sound)",
            .tests = R"(Coronary angiogram shows {#60:95:5}% stenosis of the proximal LAD; ECG
              shows ST depression in leads V4 to V6; High-sensitivity troponin rose from {#12:40}
              to {#120:900:20} ng/L; CT coronary angiogram shows calcium score {#40:600:20}; ECG
              shows T wave inversion in the inferior leads; Stress echocardiogram shows inducible
              ischaemia of the anterior wall)",
            .drugs = R"(aspirin 75 mg once daily; atorvastatin [40|80] mg at night; bisoprolol
              [2.5|5] mg once daily; ticagrelor 90 mg twice daily; GTN spray as required;
              isosorbide mononitrate [30|60] mg once daily; clopidogrel 75 mg once daily)",
            .procedures = R"(PCI to the LAD with one drug-eluting stent; coronary angiography via
              the right radial artery; PCI to the RCA with two drug-eluting stents; coronary
              artery bypass grafting with {#2:4} grafts; an exercise tolerance test)",
            .plans = R"(dual antiplatelet therapy for 12 months; refer for coronary angiography;
              uptitrate bisoprolol to a heart rate below 60; stop smoking and start a
              high-intensity statin; serial troponins and ECGs; discuss at the heart team
              meeting)"},
           {.age_low = 50,
            .diagnoses = R"(heart failure with reduced ejection fraction; decompensated heart
              failure; heart failure with preserved ejection fraction; dilated cardiomyopathy;
              ischaemic cardiomyopathy; cardiac amyloidosis)",
            .complaints = R"(breathlessness on exertion; ankle swelling and weight gain;
              orthopnoea with {#2:4} pillows; paroxysmal nocturnal dyspnoea; fatigue and reduced
              exercise tolerance; worsening leg oedema)",
            .findings = R"(bibasal crackles and pitting oedema to the [ankles|knees]; a raised JVP
              at {#3:8} cm; a displaced apex beat; a third heart sound; sacral oedema; dullness at
              the right base)",
            .tests = R"(NT-proBNP {#600:8000:100} ng/L; Echocardiogram shows a dilated left
              ventricle with LVEF of {#15:40:5}%; Chest X-ray shows cardiomegaly and pulmonary
              congestion; Cardiac MRI shows LVEF of {#20:45}% with mid-wall fibrosis; ECG shows
              left bundle branch block with QRS {#130:170:2} ms; Weight {#62:110} kg, down {#1:5}
              kg)",
            .drugs = R"(furosemide [40|80] mg twice daily; bisoprolol [1.25|2.5|5] mg once daily;
              ramipril [2.5|5] mg once daily; sacubitril-valsartan [24/26|49/51] mg twice daily;
              spironolactone 25 mg once daily; dapagliflozin 10 mg once daily; eplerenone 25 mg
              once daily)",
            .procedures = R"(CRT-D implantation; intravenous diuresis for {#2:7} days; right heart
              catheterisation; ICD implantation for primary prevention; cardiac MRI with
              gadolinium)",
            .plans = R"(daily weights and fluid restriction of 1.5 litres; uptitrate heart failure
              therapy; switch ramipril to sacubitril-valsartan; check U&E in {#1:2} weeks; IV
              furosemide {#80:160:40} mg daily; refer to the heart failure nurses)"},
           {.age_low = 38,
            .diagnoses = R"(paroxysmal atrial fibrillation; persistent atrial fibrillation; atrial
              flutter; supraventricular tachycardia; complete heart block; sick sinus syndrome;
              ventricular ectopy)",
            .complaints = R"(palpitations; irregular palpitations at rest; dizziness and
              presyncope; a collapse without warning; racing heartbeat with light-headedness;
              reduced exercise tolerance with palpitations)",
            .findings = R"(an irregularly irregular pulse; a pulse of {#110:150:2} bpm; a slow
              regular pulse of {#32:46} bpm; normal heart sounds and no oedema; a well healed
              pacemaker site; no postural drop)",
            .tests = R"(ECG shows atrial fibrillation with a ventricular rate of {#88:148:2} bpm;
              24 hour Holter shows AF burden of {#3:60}%; ECG shows complete heart block with a
              rate of {#30:44} bpm; Holter shows pauses of up to {#2.5:5.5:0.1} seconds; TSH
              {#0.8:4.2:0.1} mU/L; Echocardiogram shows a left atrium of {#38:54:2} mm)",
            .drugs = R"(apixaban 5 mg twice daily; bisoprolol [2.5|5] mg once daily; edoxaban 60
              mg once daily; flecainide 50 mg twice daily; amiodarone 200 mg once daily; digoxin
              125 micrograms once daily; rivaroxaban 20 mg once daily)",
            .procedures = R"(DC cardioversion; pulmonary vein isolation; dual chamber pacemaker
              implantation; ablation of the cavotricuspid isthmus; an electrophysiology study)",
            .plans = R"(anticoagulate with apixaban; rate control with bisoprolol; list for DC
              cardioversion after {#3:6} weeks of anticoagulation; refer for catheter ablation; 7
              day Holter monitor; stop verapamil and arrange pacing)"},
           {.age_low = 48,
            .diagnoses = R"(severe aortic stenosis; moderate mitral regurgitation; bicuspid aortic
              valve; infective endocarditis; resistant hypertension; acute pericarditis; severe
              mitral regurgitation)",
            .complaints = R"(exertional breathlessness and syncope; breathlessness on stairs;
              fever and night sweats; headaches with high blood pressure readings; pleuritic chest
              pain eased by sitting forward; exertional dizziness)",
            .findings = R"(an ejection systolic murmur radiating to the carotids; a pansystolic
              murmur at the apex; a slow rising pulse; a pericardial rub; splinter haemorrhages;
              an early diastolic murmur)",
            .tests = R"(Echocardiogram shows aortic valve area of {#0.6:1.1:0.1} cm2 with a mean
              gradient of {#38:64:2} mmHg; Ambulatory blood pressure averages
              {#148:176:2}/{#84:104:2} mmHg; TOE shows a {#5:14} mm vegetation on the aortic
              valve; ECG shows widespread saddle-shaped ST elevation; Blood cultures grew
              Streptococcus gallolyticus; Echocardiogram shows a flail posterior mitral
              leaflet)",
            .drugs = R"(amlodipine [5|10] mg once daily; ramipril [5|10] mg once daily; furosemide
              40 mg once daily; indapamide 2.5 mg once daily; colchicine 500 micrograms twice
              daily; warfarin with an INR target of 2.5; benzylpenicillin 2.4 g six times
              daily)",
            .procedures = R"(TAVI via the right femoral artery; mechanical aortic valve
              replacement; transoesophageal echocardiography; mitral valve repair; CT
              aortography)",
            .plans = R"(discuss TAVI at the heart team meeting; yearly surveillance
              echocardiogram; refer to cardiac surgery; add spironolactone and recheck potassium;
              {#4:6} weeks of intravenous antibiotics; home blood pressure monitoring)"}},
  };
}

}  // namespace hippocrypt::notes
