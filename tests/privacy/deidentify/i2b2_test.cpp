#include "privacy/deidentify/i2b2.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hippocrypt::privacy {
namespace {

using testing::HasSubstr;

std::string record(const std::string& text, const std::string& tags) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<deIdi2b2>\n<TEXT><![CDATA[" + text +
         "]]></TEXT>\n<TAGS>" + tags + "</TAGS>\n</deIdi2b2>\n";
}

TEST(I2b2Test, ReadsTextAndTagsInCharacters) {
  const auto note =
      parse_i2b2(record("é Ada, 93, born 1931 in Zorn, Ohio",
                        R"(<NAME id="P0" start="2" end="5" text="Ada" TYPE="PATIENT" comment=""/>
                           <AGE id="P1" start="7" end="9" text="93" TYPE="AGE"/>
                           <AGE id="P2" start="7" end="8" text="9" TYPE="AGE"/>
                           <DATE id="P3" start="16" end="20" text="1931" TYPE="DATE"/>
                           <LOCATION id="P4" start="24" end="28" text="Zorn" TYPE="CITY"/>
                           <LOCATION id="P5" start="30" end="34" text="Ohio" TYPE="STATE"/>)"))
          .value();
  ASSERT_EQ(note.gold.size(), 3U);
  EXPECT_EQ(note.text.substr(note.gold[0].begin, note.gold[0].size()), "Ada");
  EXPECT_EQ(note.gold[1].category, Category::age);
  EXPECT_EQ(note.text.substr(note.gold[2].begin, note.gold[2].size()), "Zorn");
}

TEST(I2b2Test, ExpandsNoEntities) {
  const std::string bomb =
      "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]>"
      "<x><TEXT>&b;</TEXT></x>";
  EXPECT_THAT(parse_i2b2(bomb).error().detail, HasSubstr("document type"));
  const std::string file =
      "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>"
      "<x><TEXT>&f;</TEXT></x>";
  EXPECT_EQ(parse_i2b2(file).error().code, Errc::malformed);
  EXPECT_EQ(parse_i2b2("<x><TEXT>&undefined;</TEXT></x>").error().code, Errc::malformed);
}

TEST(I2b2Test, RefusesWhatIsNoRecord) {
  EXPECT_THAT(parse_i2b2("hello").error().detail, HasSubstr("no XML"));
  EXPECT_THAT(parse_i2b2("<x/>").error().detail, HasSubstr("no element TEXT"));
  EXPECT_THAT(parse_i2b2(record("ab", R"(<NAME start="0" end="3" TYPE="DOCTOR"/>)")).error().detail,
              HasSubstr("behind the text"));
  EXPECT_EQ(parse_i2b2(record("ab", R"(<NAME start="2" end="1" TYPE="DOCTOR"/>)")).error().code,
            Errc::malformed);
  EXPECT_EQ(parse_i2b2(record("ab", R"(<NAME start="-1" end="1" TYPE="DOCTOR"/>)")).error().code,
            Errc::malformed);
  EXPECT_EQ(parse_i2b2(std::string(max_i2b2_bytes + 1, ' ')).error().code, Errc::limit_exceeded);
  EXPECT_EQ(read_i2b2("/no/such/folder").error().code, Errc::io);
}

}  // namespace
}  // namespace hippocrypt::privacy
