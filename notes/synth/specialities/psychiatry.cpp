#include "notes/synth/sources.hpp"

namespace hippocrypt::notes {

SpecialitySource psychiatry() {
  return {
      .name = "psychiatry",
      .clinic =
          "community mental health clinic; psychiatric outpatient clinic; crisis team; memory "
          "clinic",
      .signatures =
          R"(Mood [low|euthymic|elevated] with [reactive|blunted|labile] affect; PHQ-9 score
            {#4:26}; GAD-7 score {#3:20}; No thoughts of self-harm or suicide; Speech normal in
            rate and volume; Insight [good|partial|limited] with capacity to decide; No delusions
            or hallucinations elicited; Risk to self and others is currently [low|moderate];
            Sleeps {#3:8} hours a night)",
      .negatives =
          R"(suicidal thoughts; hallucinations; self-harm; alcohol misuse; paranoia; panic
            attacks; illicit drugs; thoughts of harming others)",
      .follow_ups =
          R"(Care coordinator to visit in {#1:2} weeks; Psychiatric outpatient review in {#4:12:2}
            weeks; Crisis line number given; Psychology waiting list for CBT; Blood tests and ECG
            in {#3:6:3} months)",
      .groups =
          {{.age_low = 18,
            .age_high = 80,
            .diagnoses =
                R"(moderate depressive episode; recurrent depressive disorder; severe depression
                  with psychosis; dysthymia; seasonal affective disorder; adjustment disorder)",
            .complaints =
                R"(low mood and tearfulness; early morning waking and poor appetite; loss of
                  interest; hopelessness since losing work; poor concentration)",
            .findings =
                R"(psychomotor retardation; poor eye contact; a flat affect; tearfulness;
                  self-neglect)",
            .tests =
                R"(PHQ-9 fell from {#18:26} to {#5:15}; Thyroid function and B12 normal; MADRS
                  {#18:44}; QTc {#390:450:5} ms on citalopram; Sodium {#126:140} mmol/L on
                  sertraline)",
            .drugs =
                R"(sertraline {#50:150:50} mg once daily; mirtazapine {#15:45:15} mg at night;
                  citalopram 20 mg once daily; venlafaxine {#75:225:75} mg once daily; quetiapine
                  {#50:150:50} mg at night; fluoxetine 20 mg once daily)",
            .procedures =
                R"(electroconvulsive therapy, {#6:12} sessions; cognitive behavioural therapy;
                  behavioural activation; home treatment for {#1:3} weeks)",
            .plans =
                R"(increase sertraline to {#100:200:50} mg; refer for CBT; weekly contact with the
                  crisis team; augment with quetiapine; safety plan agreed)"},
           {.age_low = 18,
            .age_high = 66,
            .diagnoses =
                R"(paranoid schizophrenia; first episode psychosis; schizoaffective disorder;
                  drug-induced psychosis; delusional disorder)",
            .complaints =
                R"(hearing voices in the third person; believing the neighbours are spying; social
                  withdrawal; disorganised behaviour; stopping medication)",
            .findings =
                R"(persecutory delusions; auditory hallucinations; thought disorder; blunted
                  affect; responding to unseen stimuli)",
            .tests =
                R"(Clozapine level {#0.28:0.68:0.02} mg/L; Prolactin {#240:1800:20} mU/L; Urine
                  drug screen positive for [cannabis|cocaine]; HbA1c {#36:54} mmol/mol; PANSS
                  {#54:112:2})",
            .drugs =
                R"(olanzapine {#5:20:5} mg at night; risperidone {#1:6} mg at night; clozapine
                  {#150:450:25} mg daily; aripiprazole depot 400 mg monthly; paliperidone depot
                  100 mg monthly; procyclidine 5 mg twice daily)",
            .procedures =
                R"(clozapine titration; depot injection; detention under section {#2:3}; family
                  therapy)",
            .plans =
                R"(start clozapine with weekly blood counts; early intervention team referral;
                  switch to a depot; supported housing; metabolic monitoring)"},
           {.age_low = 20,
            .age_high = 68,
            .diagnoses =
                R"(bipolar affective disorder; generalised anxiety disorder; panic disorder;
                  obsessive compulsive disorder; post-traumatic stress disorder; manic episode)",
            .complaints =
                R"(racing thoughts and little need for sleep; constant worry; sudden attacks of
                  fear; repeated hand washing; nightmares and flashbacks)",
            .findings =
                R"(pressure of speech; restlessness; grandiose ideas; avoidance of crowds;
                  hypervigilance)",
            .tests =
                R"(Lithium level {#0.4:1.1:0.1} mmol/L; Y-BOCS {#14:36}; Young mania score
                  {#8:38}; Thyroid function normal on lithium; IES-R score {#24:70:2})",
            .drugs =
                R"(lithium carbonate {#400:1000:200} mg at night; sodium valproate 500 mg twice
                  daily; pregabalin {#75:150:75} mg twice daily; propranolol 40 mg as required;
                  lamotrigine 100 mg twice daily; clomipramine 50 mg at night)",
            .procedures =
                R"(exposure and response prevention; EMDR; trauma-focused CBT; inpatient
                  admission)",
            .plans =
                R"(lithium level in 5 days; stop the antidepressant during mania; graded exposure;
                  mood diary; reduce caffeine and alcohol)"},
           {.age_low = 24,
            .age_high = 88,
            .diagnoses =
                R"(alcohol dependence syndrome; opioid dependence; emotionally unstable
                  personality disorder; delirium; vascular dementia; anorexia nervosa)",
            .complaints =
                R"(drinking {#10:30:2} units a day; craving heroin; impulsive overdose of
                  paracetamol; fluctuating confusion; wandering at night; restricting food)",
            .findings =
                R"(tremor and sweating; superficial cuts to the forearm; disorientation in time
                  and place; emaciation with BMI {#13:17}; inattention)",
            .tests =
                R"(CIWA score {#4:24}; GGT {#80:640:10} IU/L; ACE-III {#48:86:2}/100; Paracetamol
                  level below the treatment line; 4AT score {#4:10})",
            .drugs =
                R"(chlordiazepoxide {#10:30:10} mg four times daily; thiamine 100 mg three times
                  daily; methadone {#20:80:10} ml once daily; buprenorphine {#4:16:2} mg once
                  daily; memantine 10 mg once daily; acamprosate 666 mg three times daily)",
            .procedures =
                R"(medically assisted withdrawal; dialectical behaviour therapy; psychosocial
                  assessment; a carer assessment)",
            .plans =
                R"(reducing chlordiazepoxide regimen over {#5:8} days; supervised methadone; treat
                  the cause of delirium; meal plan with the dietitian; mutual aid group)"}},
  };
}

}  // namespace hippocrypt::notes
