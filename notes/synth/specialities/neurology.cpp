#include "notes/synth/sources.hpp"

namespace hippocrypt::notes {

SpecialitySource neurology() {
  return {
      .name = "neurology",
      .clinic = "neurology clinic; stroke clinic; epilepsy clinic; movement disorder clinic",
      .signatures = R"(Cranial nerves intact, power 5/5 in all limbs; GCS 15/15, pupils equal and
        reactive; MRI brain shows no acute intracranial abnormality; Reflexes
        [brisk|symmetrical|reduced] with [flexor|flexor|extensor] plantars; MRI brain shows
        {#2:14} periventricular T2 white matter lesions; Gait is [normal|wide based|slow and
        shuffling], Romberg [negative|positive]; No focal neurological deficit; Modified Rankin
        score {#0:4}; Advised not to drive and to inform the licensing authority)",
      .negatives = R"(headache; visual loss; seizures; limb weakness; diplopia; dysphagia; sensory
        loss; loss of consciousness; incontinence)",
      .follow_ups = R"(Review in the neurology clinic in {#3:6} months; Repeat MRI brain in
        {#6:12:3} months; Epilepsy nurse to call in {#2:6} weeks; Stroke clinic review in {#4:8:2}
        weeks; Referred for neurorehabilitation; Driving advice given)",
      .groups =
          {{.age_low = 48,
            .diagnoses = R"(left MCA infarct; TIA; right MCA infarct; lacunar stroke;
              intracerebral haemorrhage; posterior circulation stroke; carotid stenosis)",
            .complaints = R"(sudden right sided weakness and slurred speech; left facial droop and
              arm weakness; transient word-finding difficulty; sudden loss of vision in one eye;
              vertigo and unsteadiness; sudden severe headache)",
            .findings = R"(right hemiparesis with power {#1:4}/5; expressive dysphasia; left
              facial droop with pronator drift; a homonymous hemianopia; left sided neglect;
              dysarthria and past pointing)",
            .tests =
                R"(NIHSS {#1:16} on arrival, CT head shows no haemorrhage; MRI DWI shows
                  restricted diffusion in the left MCA territory; Carotid Doppler shows
                  {#50:90:5}% stenosis of the left internal carotid; CT angiogram shows an M1
                  occlusion; CT head shows a {#10:60:5} ml basal ganglia haemorrhage; 72 hour ECG
                  shows [no|paroxysmal] atrial fibrillation)",
            .drugs = R"(clopidogrel 75 mg once daily; aspirin 300 mg once daily for 14 days;
              atorvastatin 80 mg at night; apixaban 5 mg twice daily; alteplase 0.9 mg/kg;
              amlodipine [5|10] mg once daily)",
            .procedures = R"(thrombolysis at {#95:240:5} minutes; mechanical thrombectomy; carotid
              endarterectomy; a swallow assessment)",
            .plans = R"(dual antiplatelets for 21 days; swallow assessment and early mobilisation;
              speech and language therapy; refer for carotid endarterectomy; blood pressure target
              below 130/80; repeat CT head at 24 hours)"},
           {.age_low = 18,
            .age_high = 70,
            .diagnoses = R"(focal epilepsy; generalised tonic-clonic seizures; juvenile myoclonic
              epilepsy; temporal lobe epilepsy; first unprovoked seizure; functional seizures;
              status epilepticus)",
            .complaints = R"(a witnessed tonic-clonic seizure lasting {#1:4} minutes; episodes of
              staring with lip smacking; early morning myoclonic jerks; an aura of rising
              epigastric sensation; {#2:6} seizures per month; tongue biting and post-ictal
              confusion)",
            .findings = R"(a lateral tongue bite; a normal neurological examination; post-ictal
              drowsiness; mild gait ataxia on treatment; no papilloedema; fine nystagmus)",
            .tests = R"(EEG shows left temporal sharp waves; EEG shows generalised 3 Hz spike and
              wave; MRI brain shows hippocampal sclerosis; Valproate level {#40:98:2} mg/L; Video
              telemetry captured {#1:4} events without EEG change; Lactate {#2.2:7.8:0.2} after
              the seizure)",
            .drugs = R"(levetiracetam [500|750|1000] mg twice daily; lamotrigine {#50:200:25} mg
              twice daily; sodium valproate {#300:800:100} mg twice daily; carbamazepine
              {#200:400:100} mg twice daily; clobazam 10 mg at night; buccal midazolam 10 mg as
              rescue)",
            .procedures = R"(sleep-deprived EEG; vagus nerve stimulator insertion; video
              telemetry; epilepsy surgery assessment)",
            .plans = R"(increase levetiracetam to {#750:1500:250} mg twice daily; seizure diary
              and first aid advice; sleep-deprived EEG; switch valproate to lamotrigine; avoid
              baths and heights; add clobazam)"},
           {.age_low = 20,
            .age_high = 66,
            .diagnoses = R"(relapsing-remitting multiple sclerosis; migraine with aura; chronic
              migraine; optic neuritis; idiopathic intracranial hypertension; cluster headache;
              trigeminal neuralgia)",
            .complaints = R"(a throbbing unilateral headache with photophobia; numbness of both
              legs; painful loss of vision in the [left|right] eye; {#8:22} headache days per
              month; tingling in the hands and Lhermitte phenomenon; electric facial pain on
              chewing)",
            .findings = R"(a relative afferent pupillary defect; internuclear ophthalmoplegia;
              bilateral papilloedema; a sensory level at T{#4:10}; visual acuity of 6/{#9:36:3};
              normal fundoscopy)",
            .tests = R"(MRI spine shows a T2 lesion at C{#3:6}; CSF shows oligoclonal bands;
              Lumbar puncture opening pressure {#16:42:2} cm CSF; MRI brain shows {#1:3}
              gadolinium enhancing lesions; EDSS {#1.0:6.5:0.5}; JC virus index {#0.2:2.8:0.1})",
            .drugs = R"(natalizumab 300 mg every {#4:6:2} weeks; topiramate {#25:100:25} mg twice
              daily; sumatriptan 50 mg as required; methylprednisolone 500 mg for 5 days;
              propranolol {#40:80:20} mg twice daily; ocrelizumab 600 mg every 6 months;
              acetazolamide {#250:500:250} mg twice daily)",
            .procedures = R"(lumbar puncture; botulinum toxin injections for migraine; greater
              occipital nerve block; MRI with gadolinium)",
            .plans = R"(start disease modifying therapy; limit analgesia to {#2:3} days a week;
              oral steroids for relapse; weight loss and acetazolamide; preventive treatment with
              topiramate; visual fields and OCT)"},
           {.age_low = 46,
            .diagnoses = R"(idiopathic Parkinson's disease; Alzheimer's disease; peripheral
              neuropathy; motor neurone disease; myasthenia gravis; essential tremor;
              Guillain-Barre syndrome)",
            .complaints = R"(a resting tremor of the right hand; progressive memory loss; burning
              feet; fatigable ptosis and diplopia; slowness and stiffness; ascending leg weakness;
              hand wasting and weakness)",
            .findings = R"(cogwheel rigidity and bradykinesia; a resting pill-rolling tremor;
              glove and stocking sensory loss; fasciculations of the tongue; fatigable ptosis;
              absent ankle reflexes; reduced arm swing)",
            .tests = R"(MMSE {#14:28}/30; Nerve conduction studies show a length-dependent axonal
              neuropathy; DaT scan shows reduced putaminal uptake; Acetylcholine receptor
              antibodies positive; EMG shows widespread denervation; FVC {#1.4:4.2:0.1} litres;
              CSF protein {#0.6:2.4:0.1} g/L)",
            .drugs = R"(co-careldopa 25/100 mg three times daily; donepezil [5|10] mg at night;
              ropinirole {#2:12:2} mg once daily; pyridostigmine 60 mg four times daily;
              gabapentin 300 mg three times daily; riluzole 50 mg twice daily; prednisolone
              {#10:40:10} mg once daily)",
            .procedures = R"(deep brain stimulation; intravenous immunoglobulin for 5 days; nerve
              conduction studies; thymectomy)",
            .plans = R"(increase co-careldopa to four times daily; memory clinic referral;
              physiotherapy and falls assessment; monitor FVC four hourly; check B12, HbA1c and
              electrophoresis; Parkinson's nurse review)"}},
  };
}

}  // namespace hippocrypt::notes
