#include "privacy/deidentify/lexicon.hpp"

#include <algorithm>
#include <array>

#include "privacy/deidentify/embedded.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::string_view months =
    "january february march april may june july august september october november december jan feb "
    "mar apr jun jul aug sep sept oct nov dec";
constexpr std::string_view weekdays =
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri "
    "sat";
constexpr std::string_view titles =
    "mr mrs ms miss mx dr drs doctor prof professor rev reverend fr father sr sister pastor rabbi "
    "imam deacon officer ofc sgt sergeant capt captain lt lieutenant detective deputy judge hon "
    "sir madam dame lord lady mme mlle herr frau senor senora sra dra nurse chaplain trooper "
    "minister attorney";
constexpr std::string_view credentials =
    "md do rn lpn np pa pa-c phd pharmd dds dmd dpm msw lcsw facc facs facp mbbs frcs frcp mph "
    "crna cnm fnp aprn bsn msn dnp rd rt pt ot slp psyd od dc cgc esq jr ii iii iv lvn cna arnp "
    "anp-bc fnp-bc fnp-c m.d d.o r.n";
constexpr std::string_view kin =
    "wife husband son daughter mother father mom dad brother sister aunt uncle niece nephew cousin "
    "grandmother grandfather grandma grandpa grandson granddaughter stepmother stepfather stepson "
    "stepdaughter spouse partner fiance fiancee boyfriend girlfriend friend roommate neighbor "
    "neighbour guardian caregiver carer caretaker twin sibling parent roommate landlord "
    "mother-in-law father-in-law son-in-law daughter-in-law sister-in-law brother-in-law widow "
    "godmother godfather daughters sons";
constexpr std::string_view roles =
    "patient pt name names client resident subject surgeon assistant attending provider physician "
    "author dictator dictated transcriptionist transcribed signed cosigned by cc to from re "
    "referring referrer nurse rn tech technologist technician pcp contact guarantor subscriber "
    "insured next-of-kin kin proxy poa prescriber interpreter anesthesiologist anesthetist "
    "radiologist pathologist cardiologist consultant requester ordering accepting performing "
    "therapist dietitian pharmacist counselor counsellor social worker supervisor reviewed "
    "verified witness examiner reporter informant employer member holder emergency first last "
    "middle surname forename given family alias aka maiden operator author's fellow intern "
    "scribe student midwife "
    "wife husband son daughter mother father brother sister spouse partner";
constexpr std::string_view particles =
    "van von der den de la del della di da dos das el al bin ibn ben st du le ter ten";
constexpr std::string_view places =
    "hospital clinic center centre infirmary hospice sanatorium county parish township borough "
    "university college school academy institute laboratory laboratories inc llc corp company "
    "pharmacy village manor heights hills springs ranch prison jail church plaza mall "
    "neighborhood district precinct";
constexpr std::string_view conditions =
    "disease syndrome sign signs palsy catheter drain clamp score scale test tests tumor tumour "
    "lymphoma sarcoma contracture fracture fractures phenomenon crisis chorea ataxia dementia "
    "esophagus ulcer cyst hernia maneuver manoeuvre procedure operation retractor forceps "
    "scissors tube line stain smear reaction criteria classification stage grade index ratio "
    "reflex pulse respiration respirations breathing murmur node nodes nodule nodules body bodies "
    "cell cells duct ligament membrane pouch ring rings spots lines nails gait triad law position "
    "thyroiditis encephalopathy psychosis aphasia area canal tubule fibers disorder anomaly "
    "malformation deformity neuroma lesion purpura anemia glomerulonephritis nephritis virus "
    "agar media plate monitor ultrasound flow waveform dressing splint boot bandage collar brace "
    "bag cannula port stent valve shunt blade needle applicator screw nail pin rod negative "
    "positive absent present traction incision approach repair resection anastomosis "
    "fundoplication esophagectomy scan serology antibody jacket cuff artery vein nerve muscle "
    "tendon aneurysm angina arthropathy medium unit lactate solution ringers bodies trait";
constexpr std::string_view units =
    "mg mcg g kg ml l dl units unit meq mmol mm cm m in inch inches lb lbs oz mmhg bpm iu % "
    "tablets tablet tabs tab pills capsules caps puffs drops hours hour hrs hr h minutes min mins "
    "seconds sec days day weeks week months month years year yrs yr times degrees c f french fr "
    "gauge ng pg ug joules j cc ms msec mv v ohms pack packs drinks cycles sessions steps feet ft "
    "miles calories kcal cells beats stairs blocks";

struct List {
  std::string_view words;
  std::uint32_t bits;
};

bool ends_with_any(std::string_view word, const std::string_view* begin,
                   const std::string_view* end) {
  return std::any_of(begin, end, [word](std::string_view suffix) {
    return word.size() >= suffix.size() + 2 && word.substr(word.size() - suffix.size()) == suffix;
  });
}

}  // namespace

const Lexicon& Lexicon::instance() {
  static const Lexicon lexicon;
  return lexicon;
}

void Lexicon::add(std::string_view words, std::uint32_t bits) {
  for_each_word(words, [&](std::string_view word) { words_[std::string{word}] |= bits; });
}

Lexicon::Lexicon() {
  const List lists[] = {{embedded_file("first_names"), word_first_name},
                        {embedded_file("last_names"), word_last_name},
                        {embedded_file("safe_words"), word_safe},
                        {embedded_file("eponyms"), word_eponym},
                        {embedded_file("drugs"), word_drug},
                        {months, word_month},
                        {weekdays, word_weekday},
                        {titles, word_title},
                        {credentials, word_credential},
                        {kin, word_kin},
                        {roles, word_role},
                        {particles, word_particle},
                        {places, word_place},
                        {conditions, word_condition},
                        {units, word_unit}};
  for (const List& list : lists) add(list.words, list.bits);
  for_each_word(embedded_file("first_names"),
                [this](std::string_view word) { first_names_.emplace_back(word); });
  for_each_word(embedded_file("last_names"),
                [this](std::string_view word) { last_names_.emplace_back(word); });
  const auto phrase = [](std::string_view word) {
    std::string text{word};
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
  };
  for_each_word(embedded_file("cities"), [&](std::string_view word) {
    std::string text = phrase(word);
    const auto count = static_cast<std::size_t>(std::count(text.begin(), text.end(), ' ')) + 1;
    longest_city_words_ = std::max(longest_city_words_, count);
    if (count == 1) words_[text] |= word_city;
    city_names_.push_back(text);
    cities_.emplace(std::move(text), 1);
  });
  for_each_word(embedded_file("states"), [&](std::string_view word) {
    // "new_york": both words are harmless where they stand together; single ones keep their class.
    const std::string text = phrase(word);
    if (text.find(' ') == std::string::npos) words_[text] |= word_state;
  });
}

std::uint32_t Lexicon::classes(std::string_view word) const {
  const auto find = [this](std::string_view part) {
    const auto found = words_.find(std::string{part});
    return found == words_.end() ? 0U : found->second;
  };
  const std::uint32_t whole = find(word);
  if (whole != 0) return whole;
  const std::size_t hyphen = word.find('-');
  if (hyphen == std::string_view::npos || hyphen == 0) return 0;
  constexpr std::uint32_t names = word_first_name | word_last_name;
  std::uint32_t common = ~0U;
  std::uint32_t any = 0;
  while (!word.empty()) {
    const std::size_t end = std::min(word.find('-'), word.size());
    const std::uint32_t part = find(word.substr(0, end));
    common &= part;
    any |= part;
    word.remove_prefix(std::min(end + 1, word.size()));
  }
  if (common != 0) return common;
  // Molina-Xyz is a name, rose-coloured is none.
  return (any & word_safe) != 0 ? std::uint32_t{word_safe} : any & names;
}

bool Lexicon::is_state_abbreviation(std::string_view upper) const {
  static constexpr std::string_view all =
      " AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ "
      "NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR GU VI ";
  if (upper.size() != 2) return false;
  const std::string wanted = " " + std::string{upper} + " ";
  return all.find(wanted) != std::string_view::npos;
}

bool has_clinical_suffix(std::string_view word) {
  static constexpr std::array<std::string_view, 64> suffixes{
      "itis",    "emia",    "aemia",    "osis",   "oses",     "oma",       "omas",    "ectomy",
      "otomy",   "ostomy",  "scopy",    "graphy", "gram",     "grams",     "pathy",   "ology",
      "plasty",  "algia",   "uria",     "pnea",   "plegia",   "phagia",    "penia",   "cyte",
      "cytes",   "trophy",  "megaly",   "rrhea",  "rrhage",   "ctasis",    "olol",    "pril",
      "sartan",  "statin",  "mab",      "nib",    "azole",    "mycin",     "cillin",  "oxacin",
      "cycline", "vir",     "parin",    "xaban",  "gliptin",  "gliflozin", "glutide", "caine",
      "zepam",   "zolam",   "barbital", "dipine", "thiazide", "amine",     "profen",  "triptan",
      "setron",  "prazole", "tidine",   "sone",   "solone",   "cept",      "tropin",  "phylline"};
  return ends_with_any(word, suffixes.begin(), suffixes.end());
}

bool has_common_suffix(std::string_view word) {
  static constexpr std::array<std::string_view, 40> suffixes{
      "ing",   "tion",   "tions",    "sion", "sions", "ment", "ments", "ness", "ly",   "able",
      "ible",  "ous",    "ive",      "ical", "ial",   "ular", "ated",  "ized", "ised", "ified",
      "ity",   "ities",  "ance",     "ence", "ency",  "ful",  "less",  "ism",  "ist",  "ists",
      "ology", "ologic", "ological", "eral", "ional", "ary",  "tory",  "ture", "ured", "ating"};
  return word.size() >= 6 &&
         (ends_with_any(word, suffixes.begin(), suffixes.end()) || has_clinical_suffix(word));
}

}  // namespace hippocrypt::privacy
