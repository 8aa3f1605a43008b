#include "privacy/deidentify/cues.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

namespace hippocrypt::privacy {
namespace {

struct Row {
  CueKind kind;
  std::string_view phrases;  ///< separated by commas
};

constexpr Row rows[] = {
    {CueKind::phone,
     "phone,phones,telephone,tel,cell,cellphone,mobile,pager,beeper,paged,page,call,called,ext,"
     "extension,dial,voicemail,callback,contact,reached,hotline,ph"},
    {CueKind::fax, "fax,faxed,facsimile,telefax,fax number,fax no"},
    {CueKind::ssn,
     "ssn,social security,social security number,soc sec,ss,itin,taxpayer,tin,ss number,ssn last"},
    {CueKind::mrn,
     "mrn,medical record,medical record number,record number,chart,chart number,chart no,"
     "hospital number,hospital no,unit number,unit no,patient id,patient number,patient no,"
     "patient identifier,mr,mr number,mr no,med rec,nhs,nhs number,hospital id,case record,"
     "empi,mpi,pt id,record no,health record"},
    {CueKind::health_plan,
     "mbi,hicn,member,member id,member number,member no,subscriber,subscriber id,"
     "subscriber number,policy,policy number,policy no,group number,group no,group,group id,"
     "beneficiary,beneficiary identifier,beneficiary number,medicaid,medicaid id,medicare,"
     "medicare number,insurance,insurance id,insurance number,insurance no,plan id,plan number,"
     "health plan,coverage,insured id,payer id,hmo,ppo,medicare beneficiary identifier,"
     "group plan"},
    {CueKind::account,
     "account,account number,account no,acct,acct no,acct number,encounter,encounter number,"
     "encounter id,visit number,visit id,visit no,fin,csn,har,billing number,invoice,"
     "invoice number,guarantor number,iban,routing,routing number,bank,bank account,card,"
     "card number,credit card,debit card,visa,mastercard,amex,bill,statement number,"
     "financial number,aba,sort code,deposit"},
    {CueKind::license,
     "license,license number,license no,licence,licence number,licence no,lic,certificate,"
     "certificate number,certificate no,cert,certification,npi,npi number,dea,dea number,dea no,"
     "passport,passport number,driver license,drivers license,driving licence,dl number,dl no,upin,"
     "medical license,state license,state licence,permit number,visa number,license plate no"},
    {CueKind::vehicle,
     "vin,vehicle identification number,vehicle identification,vehicle id,plate,plates,"
     "license plate,licence plate,registration plate,number plate,plate number,tag number,"
     "vehicle,registration number,vehicle registration,license plates,plate no"},
    {CueKind::device,
     "serial,serial number,serial no,serial numbers,sn,lot,lot number,lot no,udi,device,"
     "device identifier,device id,device serial,imei,imsi,generator,catalog number,icd "
     "serial,batch,batch number,mac address,barcode"},
    {CueKind::biometric,
     "fingerprint,fingerprint id,finger print,fingerprints,biometric,biometric id,retina,"
     "retina scan,retinal scan,iris,iris scan,iris code,voiceprint,voice print,voice print id,"
     "palm print,handprint,faceprint,face template,facial recognition,face recognition,"
     "biometrics,fingerprint template,hand geometry,palm vein"},
    {CueKind::photo,
     "photo,photos,photograph,photographs,image,images,picture,pictures,pic,image no,"
     "image number,photo id,face photo,snapshot,image id,photo number,portrait"},
    {CueKind::other,
     "accession,accession number,accession no,order,order number,order no,order id,case,"
     "case number,case no,rx,rx number,rx no,prescription number,prescription no,referral,"
     "referral number,authorization,auth,authorization number,prior authorization,"
     "preauthorization,claim,claim number,claim reference,claim no,badge,badge number,"
     "employee id,employee number,student id,student number,participant,participant number,"
     "participant id,study number,study id,subject number,subject id,trial number,specimen,"
     "specimen number,specimen id,sample id,sample number,reference,reference number,ref,"
     "ref no,tracking number,tracking,confirmation number,confirmation,ticket,requisition,id,"
     "identifier,id number,id no,docket,file number,file no,enrollment number,uid,study uid,"
     "control number,report number,unique id,code number,incident number,inmate,inmate number,"
     "username,user id,login,registry number,randomization number,screening number,token,"
     "donor,donor number,donor id,unos id,police report,report no,serial code"},
    {CueKind::date,
     "on,since,dated,date,by,from,until,till,through,thru,dob,born,birth,seen,admitted,admit,"
     "discharged,discharge,visit,appointment,appt,before,after,starting,began,started,due,"
     "scheduled,signed,received,collected,between,to,dos,of service,died,deceased,dod,raised,"
     "lmp,edd,edc,expires,issued,for,updated,reviewed,changed,week of,implanted,performed,done,"
     "repeated,stopped,restarted,increased,booked,postponed,returned,transferred"},
    {CueKind::zip, "zip,zip code,zipcode,postal,postal code,postcode,postalcode"},
    {CueKind::no_date,
     "strength,power,pain,murmur,reflexes,reflex,grade,graded,grading,bp,pressure,score,scored,"
     "scale,gcs,apgar,apgars,motor,rated,level,ratio,severity,dtr,dtrs,pulses,pulse,edema,half,"
     "quarter,tablet,gleason,stage,vision,acuity,va,hemoccult,positive,negative,nodes,cores,"
     "mmt,intensity,out"},
    {CueKind::quantity,
     "sodium,potassium,chloride,glucose,creatinine,hemoglobin,hgb,wbc,platelets,platelet,plt,"
     "ferritin,bnp,probnp,ck,cpk,troponin,ldh,lipase,amylase,cholesterol,triglycerides,ldl,hdl,"
     "tsh,weight,height,count,hcg,psa,cd4,viral load,copies,level,volume,output,intake,dose,"
     "loss,size,rate,bun,ast,alt,crp,esr,d-dimer,cpt,icd,icd-10,icd-9,loinc,rxnorm,snomed,code,"
     "codes,hcpcs,drg,na,k,cl,co2,ca,mcv,a1c,inr,pulse,temperature,temp,hr,rr,spo2,saturation,"
     "wt,ht,bmi,fio2,po2,pco2,battery,impedance,threshold,ndc,cfu,units,total,cost,calories"},
};

struct Phrases {
  std::unordered_map<std::string, CueKind> kinds;
  std::size_t longest = 1;

  Phrases() {
    for (const Row& row : rows) {
      std::string_view rest = row.phrases;
      while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(','), rest.size());
        const std::string phrase{rest.substr(0, end)};
        kinds.emplace(phrase, row.kind);
        longest = std::max(
            longest, static_cast<std::size_t>(std::count(phrase.begin(), phrase.end(), ' ') + 1));
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    }
  }
};

const Phrases& phrases() {
  static const Phrases all;
  return all;
}

/// Whether `token` continues a phrase: a word after white space or one of _ - / . '
bool continues(const Token& token) { return token.is_word() && token.breaks_before < 2; }

/// The longest phrase that starts at `at`, as the number of its tokens; 0: none.
std::size_t match_at(const std::vector<Token>& tokens, std::size_t at, CueKind& kind) {
  std::string phrase;
  std::size_t found = 0;
  std::size_t words = 0;
  for (std::size_t i = at; i < tokens.size() && words < phrases().longest; ++i) {
    const Token& token = tokens[i];
    if (i > at && token.kind == TokenKind::mark && i - at < 6 && !token.blank_before &&
        (token.mark == '_' || token.mark == '.' || token.mark == '/')) {
      continue;  // "lic. no", "patient_id"
    }
    if (i > at && !continues(token)) break;
    // "driver's" is "driver", and "driver's" alone has lost its 's already.
    phrase += (words > 0 ? " " : "") + token.word;
    ++words;
    const auto match = phrases().kinds.find(phrase);
    if (match != phrases().kinds.end()) {
      kind = match->second;
      found = i - at + 1;
    }
  }
  return found;
}

}  // namespace

std::optional<Category> category_of(CueKind kind) {
  switch (kind) {
    case CueKind::phone:
      return Category::phone;
    case CueKind::fax:
      return Category::fax;
    case CueKind::ssn:
      return Category::ssn;
    case CueKind::mrn:
      return Category::mrn;
    case CueKind::health_plan:
      return Category::health_plan;
    case CueKind::account:
      return Category::account;
    case CueKind::license:
      return Category::license;
    case CueKind::vehicle:
      return Category::vehicle;
    case CueKind::device:
      return Category::device;
    case CueKind::biometric:
      return Category::biometric;
    case CueKind::photo:
      return Category::photo;
    case CueKind::other:
      return Category::other;
    case CueKind::none:
    case CueKind::date:
    case CueKind::zip:
    case CueKind::no_date:
    case CueKind::quantity:
      return std::nullopt;
  }
  return std::nullopt;
}

std::vector<Cue> find_cues(const std::vector<Token>& tokens) {
  std::vector<Cue> cues;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].word.empty()) continue;
    CueKind kind = CueKind::none;
    const std::size_t length = match_at(tokens, i, kind);
    if (length == 0) continue;
    cues.push_back(
        {kind, static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(i + length - 1)});
    i += length - 1;
  }
  return cues;
}

}  // namespace hippocrypt::privacy
