#include "privacy/deidentify/replace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::privacy {
namespace {

std::shared_ptr<const SecretBytes> key_of(std::uint8_t byte) {
  auto key = std::make_shared<SecretBytes>(surrogate_key_bytes);
  for (auto& value : key->reveal()) value = byte;
  return key;
}

std::string replaced(Deidentifier& deidentifier, const std::string& patient,
                     const std::string& text) {
  return deidentifier.replace(patient, text).value().text;
}

TEST(ReplaceTest, TagsKeepTheYearAndTheFirstThreeDigitsOfAZip) {
  Deidentifier tags{{}};
  EXPECT_EQ(replaced(tags, "p", "On 3/4/2021 he moved to ZIP 44113, before ZIP 03601."),
            "On [DATE 2021] he moved to ZIP [LOCATION 441], before ZIP [LOCATION 000].");
  EXPECT_EQ(replaced(tags, "q", "She is 93 years old."), "She is [AGE 90+] years old.");
}

TEST(ReplaceTest, AYearThatShowsAnAgeOver89DoesNotStay) {
  Deidentifier tags{{}};
  EXPECT_EQ(replaced(tags, "p", "DOB 3/4/1925, seen 5/6/2021."), "DOB [DATE], seen [DATE 2021].");
  EXPECT_EQ(replaced(tags, "p", "DOB 3/4/1935, seen 5/6/2021."),
            "DOB [DATE 1935], seen [DATE 2021].");
}

TEST(ReplaceTest, MasksKeepTheForm) {
  Deidentifier masks{{.mode = Replacement::mask}};
  EXPECT_EQ(replaced(masks, "p", "Call (555) 234-5678."), "Call (***) ***-****.");
}

TEST(ReplaceTest, SurrogatesAreTheSameThroughAPatientsNotesAndDifferBetweenPatients) {
  Deidentifier one{{.mode = Replacement::surrogate, .key = key_of(1)}};
  const std::string first = replaced(one, "p", "Patient: Karen Hill");
  EXPECT_EQ(first.find("Hill"), std::string::npos);
  EXPECT_EQ(replaced(one, "p", "Patient: Karen Hill"), first);
  const std::string last_name = first.substr(first.rfind(' ') + 1);
  EXPECT_EQ(replaced(one, "p", "Seen: Mrs. Hill"), "Seen: Mrs. " + last_name);
  EXPECT_NE(replaced(one, "other", "Patient: Karen Hill"), first);
  Deidentifier again{{.mode = Replacement::surrogate, .key = key_of(1)}};
  EXPECT_EQ(replaced(again, "p", "Patient: Karen Hill"), first);
  Deidentifier other_key{{.mode = Replacement::surrogate, .key = key_of(2)}};
  EXPECT_NE(replaced(other_key, "p", "Patient: Karen Hill"), first);
}

TEST(ReplaceTest, ASurrogateDoesNotDependOnTheValue) {
  // The first number of a patient becomes the same surrogate whatever it is: nothing to invert.
  Deidentifier one{{.mode = Replacement::surrogate, .key = key_of(1)}};
  Deidentifier two{{.mode = Replacement::surrogate, .key = key_of(1)}};
  EXPECT_EQ(replaced(one, "p", "MRN 4482131"), replaced(two, "p", "MRN 9110507"));
}

TEST(ReplaceTest, DatesMoveTogetherSoThatIntervalsStay) {
  Deidentifier moved{{.mode = Replacement::surrogate, .key = key_of(3)}};
  const PatientSurrogates surrogates{key_of(3), "p"};
  const int days = surrogates.date_offset_days();
  EXPECT_GE(days, -365);
  EXPECT_LE(days, -1);
  EXPECT_EQ(replaced(moved, "p", "From 3/4/2021 to March 11, 2021."),
            "From " + shift_date("3/4/2021", days, false) + " to " +
                shift_date("March 11, 2021", days, false) + ".");
}

TEST(ShiftDateTest, KeepsTheForm) {
  EXPECT_EQ(shift_date("12/30/2020", 3, false), "01/02/2021");
  EXPECT_EQ(shift_date("12/30/20", 3, false), "01/02/21");
  EXPECT_EQ(shift_date("2020-02-28", 1, false), "2020-02-29");
  EXPECT_EQ(shift_date("20200228", 2, false), "20200301");
  EXPECT_EQ(shift_date("March 4, 2021", -4, false), "February 28, 2021");
  EXPECT_EQ(shift_date("04-Mar-21", -4, false), "28-Feb-21");
  EXPECT_EQ(shift_date("the 3rd of May 2019", 1, false), "the 4th of May 2019");
  EXPECT_EQ(shift_date("3/4/2021", 30, true), "3/5/2021");      // the 3rd of April, a month later
  EXPECT_EQ(shift_date("31/12/2020", 1, false), "01/01/2021");  // cannot be a month
  EXPECT_EQ(shift_date("2021-03-04T10:15:00", 1, false), "2021-03-05T10:15:00");
  EXPECT_EQ(shift_date("Thanksgiving", 1, false), "");
}

TEST(ReplaceTest, NamesOfALaterNoteAreMaskedInAnEarlierOneOnceLearned) {
  Deidentifier tags{{}};
  ASSERT_TRUE(tags.learn("p", "Patient: Elin Qorvath"));
  EXPECT_EQ(replaced(tags, "p", "qorvath walks"), "[NAME] walks");
  EXPECT_EQ(replaced(tags, "q", "qorvath walks"), "qorvath walks");
}

class SurrogateKeyTest : public testing::Test {
 protected:
  void write(const std::string& text, mode_t mode) {
    std::ofstream{path_} << text;
    ::chmod(path_.c_str(), mode);
  }
  test_support::TemporaryFolder folder_;
  std::string path_ = (folder_.path() / "surrogate.key").string();
  SystemRandom random_;
};

TEST_F(SurrogateKeyTest, IsMadeOnceAndReadableByTheOwnerOnly) {
  const auto made = read_or_create_surrogate_key(path_, random_).value();
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto read = read_or_create_surrogate_key(path_, random_).value();
  EXPECT_TRUE(std::equal(made.reveal().begin(), made.reveal().end(), read.reveal().begin()));
}

TEST_F(SurrogateKeyTest, RefusesWhatIsNoSecret) {
  write(std::string(64, 'a'), 0644);
  EXPECT_EQ(read_or_create_surrogate_key(path_, random_).error().code, Errc::out_of_range);
  write("not a key", 0600);
  EXPECT_EQ(read_or_create_surrogate_key(path_, random_).error().code, Errc::malformed);
  EXPECT_EQ(read_or_create_surrogate_key("/no/such/folder/key", random_).error().code, Errc::io);
}

}  // namespace
}  // namespace hippocrypt::privacy
