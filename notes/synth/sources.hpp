#pragma once
// The data of every speciality; one file each under specialities/.

#include "notes/synth/lexicon.hpp"

namespace hippocrypt::notes {

SpecialitySource cardiology();
SpecialitySource dermatology();
SpecialitySource endocrinology();
SpecialitySource gastroenterology();
SpecialitySource general_surgery();
SpecialitySource infectious_disease();
SpecialitySource nephrology();
SpecialitySource neurology();
SpecialitySource oncology();
SpecialitySource ophthalmology();
SpecialitySource orthopaedics();
SpecialitySource paediatrics();
SpecialitySource psychiatry();
SpecialitySource pulmonology();
SpecialitySource urology();

}  // namespace hippocrypt::notes
