#include "privacy/deidentify/engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hippocrypt::privacy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// "category:text" of what is found.
std::vector<std::string> found(const std::string& text, KnownNames* names = nullptr) {
  const auto finding = find_identifiers(text, names);
  std::vector<std::string> out;
  for (const Span& span : finding.value().spans) {
    out.push_back(std::string{to_string(span.category)} + ":" +
                  text.substr(span.begin, span.size()));
  }
  return out;
}

TEST(EngineTest, FindsEachOfTheEighteen) {
  EXPECT_THAT(found("Seen by Dr. Karen Hill."), ElementsAre("name:Karen Hill"));
  EXPECT_THAT(found("Lives at 12 Oak Street."), ElementsAre("location:12 Oak Street"));
  EXPECT_THAT(found("Admitted on 3/14/2019."), ElementsAre("date:3/14/2019"));
  EXPECT_THAT(found("She is 93 years old."), ElementsAre("age:93"));
  EXPECT_THAT(found("Call (555) 234-5678."), ElementsAre("phone:(555) 234-5678"));
  EXPECT_THAT(found("Fax: 555-234-5678"), ElementsAre("fax:555-234-5678"));
  EXPECT_THAT(found("Write to a.b@c.org."), ElementsAre("email:a.b@c.org"));
  EXPECT_THAT(found("SSN 123-45-6789"), ElementsAre("ssn:123-45-6789"));
  EXPECT_THAT(found("MRN: 0048213"), ElementsAre("mrn:0048213"));
  EXPECT_THAT(found("member ID XQ4829105"), ElementsAre("health_plan:XQ4829105"));
  EXPECT_THAT(found("account number 88-20391"), ElementsAre("account:88-20391"));
  EXPECT_THAT(found("NPI 1234567893"), ElementsAre("license:1234567893"));
  EXPECT_THAT(found("VIN 1M8GDM9AXKP042788"), ElementsAre("vehicle:1M8GDM9AXKP042788"));
  EXPECT_THAT(found("serial number PX88213"), ElementsAre("device:PX88213"));
  EXPECT_THAT(found("see https://x.org/a?b=1."), ElementsAre("url:https://x.org/a?b=1"));
  EXPECT_THAT(found("from 192.168.1.7 today"), ElementsAre("ip:192.168.1.7"));
  EXPECT_THAT(found("fingerprint ID 44821"), ElementsAre("biometric:44821"));
  EXPECT_THAT(found("wound in img_0412.jpg"), ElementsAre("photo:img_0412.jpg"));
  EXPECT_THAT(found("accession S19-4821"), ElementsAre("other:S19-4821"));
}

TEST(EngineTest, LeavesClinicalTextAlone) {
  for (const char* text :
       {"Strength 3/4 in the left arm, 5/5 in the right.", "BP 120/80, pulse 72, temp 98.6.",
        "Parkinson disease and Bell's palsy; a Foley catheter is in place.",
        "She may go home. Mark the skin. There is hope. Brown urine.", "He is 89 years old.",
        "ICD-10 E11.9, CPT 99213, LOINC 2345-7.", "Platelets 245000, ferritin 10230, CK 12450.",
        "Took 1/2 tablet of Lisinopril 20 mg.", "Seen in 2019 for asthma."}) {
    EXPECT_THAT(found(text), IsEmpty()) << text;
  }
}

TEST(EngineTest, AWrongCheckDigitDoesNotClearWhatACueNames) {
  EXPECT_THAT(found("NPI 1234567890"), ElementsAre("license:1234567890"));
  EXPECT_THAT(found("VIN 1M8GDM9A1KP042788"), ElementsAre("vehicle:1M8GDM9A1KP042788"));
  EXPECT_THAT(found("SSN 000-12-3456"), ElementsAre("ssn:000-12-3456"));
}

TEST(EngineTest, ANameIsFoundEverywhereOnceItIsKnown) {
  const std::string text =
      "Patient: Qorvath, Elin\nqorvath's wound is clean. QORVATH sleeps. Qorvat reports pain. E.Q. "
      "signed.";
  EXPECT_THAT(found(text), ElementsAre("name:Qorvath, Elin", "name:qorvath's", "name:QORVATH",
                                       "name:Qorvat", "name:E.Q."));
}

TEST(EngineTest, NamesOfOneNoteAreKnownInThePatientsNext) {
  KnownNames names;
  EXPECT_THAT(found("Patient: Elin Qorvath", &names), ElementsAre("name:Elin Qorvath"));
  EXPECT_THAT(found("today qorvath feels better", &names), ElementsAre("name:qorvath"));
  EXPECT_THAT(found("today qorvath feels better"), IsEmpty());
}

TEST(EngineTest, ReadsMessages) {
  EXPECT_THAT(found("PID|1||448213^^^H^MR||DOE^JANE||19400312|F|||1 X^^Y^OH^44113||5552345678"),
              ElementsAre("mrn:448213", "name:DOE", "name:JANE", "date:19400312", "location:1 X",
                          "location:Y", "location:44113", "phone:5552345678"));
  EXPECT_THAT(found(R"({"family":"Zorn","given":["Ada"],"birthDate":"1950-03-04"})"),
              ElementsAre("name:Zorn", "name:Ada", "date:1950-03-04"));
}

TEST(EngineTest, ReadsTables) {
  EXPECT_THAT(found("Patient | DOB | MRN\nAda Zorn | 03/04/1950 | 12-88\n"),
              ElementsAre("name:Ada Zorn", "date:03/04/1950", "mrn:12-88"));
}

TEST(EngineTest, SpansAreInBytesOfTheOriginal) {
  const std::string text = "Jos\u00E9 Garc\u00EDa called \uFF15\uFF15\uFF15\u20132345.";
  EXPECT_THAT(found(text),
              ElementsAre("name:Jos\u00E9 Garc\u00EDa", "phone:\uFF15\uFF15\uFF15\u20132345"));
}

TEST(EngineTest, ReportsWhatItCannotExplain) {
  const auto finding = find_identifiers("see 483920 there @ noon").value();
  EXPECT_THAT(finding.spans, IsEmpty());
  ASSERT_EQ(finding.residuals.size(), 2U);
  EXPECT_EQ(finding.residuals[0].begin, 4U);
  EXPECT_EQ(finding.residuals[0].end, 10U);
  const auto masked =
      find_identifiers("see 483920 there", nullptr, {.mask_residuals = true}).value();
  ASSERT_EQ(masked.spans.size(), 1U);
  EXPECT_EQ(masked.spans[0].category, Category::other);
}

TEST(EngineTest, OverlapsBecomeOneSpanOfTheLongest) {
  const std::vector<Span> spans = resolve_overlaps({{0, 4, Category::phone, 0.9, "a"},
                                                    {2, 9, Category::mrn, 0.6, "b"},
                                                    {9, 12, Category::date, 0.9, "c"}},
                                                   "0123456789ab");
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0].end, 9U);
  EXPECT_EQ(spans[0].category, Category::mrn);
  EXPECT_EQ(spans[1].begin, 9U);
}

TEST(EngineTest, RefusesATextThatIsTooLong) {
  const auto finding = find_identifiers(std::string(max_deidentify_bytes + 1, 'a'));
  ASSERT_FALSE(finding.has_value());
  EXPECT_EQ(finding.error().code, Errc::limit_exceeded);
  EXPECT_THAT(finding.error().detail, testing::HasSubstr("split it"));
}

}  // namespace
}  // namespace hippocrypt::privacy
