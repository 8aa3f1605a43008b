#include "privacy/deidentify/validators.hpp"

#include <gtest/gtest.h>

namespace hippocrypt::privacy {
namespace {

// Published examples of each scheme, and the same with one digit changed.
TEST(ValidatorsTest, AcceptsPublishedExamplesAndRefusesOneWrongDigit) {
  EXPECT_TRUE(is_luhn("4111 1111 1111 1111"));
  EXPECT_TRUE(is_card("4111-1111-1111-1111"));
  EXPECT_FALSE(is_card("4111-1111-1111-1112"));
  EXPECT_TRUE(is_npi("1234567893"));  // the example of CMS
  EXPECT_FALSE(is_npi("1234567890"));
  EXPECT_TRUE(is_vin("1M8GDM9AXKP042788"));  // the example of 49 CFR 565, with X as check digit
  EXPECT_FALSE(is_vin("1M8GDM9A1KP042788"));
  EXPECT_FALSE(is_vin("1M8GDM9AXKPO42788"));  // O is not used
  EXPECT_TRUE(is_iban("GB82 WEST 1234 5698 7654 32"));
  EXPECT_TRUE(is_iban("DE89370400440532013000"));
  EXPECT_FALSE(is_iban("DE89370400440532013001"));
  EXPECT_TRUE(is_aba("021000021"));
  EXPECT_FALSE(is_aba("021000022"));
  EXPECT_TRUE(is_mbi("1EG4-TE5-MK73"));  // the example of CMS
  EXPECT_FALSE(is_mbi("1SG4-TE5-MK73"));
  EXPECT_TRUE(is_gtin("4006381333931"));
  EXPECT_FALSE(is_gtin("4006381333932"));
  EXPECT_TRUE(is_nhs("943 476 5919"));
  EXPECT_FALSE(is_nhs("943 476 5918"));
  EXPECT_TRUE(is_dea("AB1234563"));
  EXPECT_FALSE(is_dea("AB1234564"));
}

TEST(ValidatorsTest, KnowsWhichSocialSecurityNumbersAreIssued) {
  EXPECT_TRUE(is_ssn("123-45-6789"));
  for (const char* never :
       {"000-12-3456", "666-12-3456", "923-12-3456", "123-00-4567", "123-45-0000", "123-45-678"}) {
    EXPECT_FALSE(is_ssn(never)) << never;
  }
  EXPECT_TRUE(is_itin("912-70-1234"));
  EXPECT_FALSE(is_itin("912-93-1234"));
}

TEST(ValidatorsTest, KnowsTelephoneNumbersAndAddresses) {
  EXPECT_TRUE(is_nanp("(555) 234-5678"));
  EXPECT_TRUE(is_nanp("1-555-234-5678"));
  EXPECT_FALSE(is_nanp("155-234-5678"));
  EXPECT_FALSE(is_nanp("211-234-5678"));
  EXPECT_TRUE(is_ipv4("192.168.0.255"));
  EXPECT_FALSE(is_ipv4("192.168.0.256"));
  EXPECT_FALSE(is_ipv4("192.168.0"));
  EXPECT_FALSE(is_ipv4(""));
}

TEST(ValidatorsTest, ADateIsADayOfTheCalendar) {
  for (const char* day : {"12/31/2020", "31/12/2020", "2020-02-29", "2/29/2020", "20200229", "3/4",
                          "12.31.1999", "03/2020"}) {
    EXPECT_TRUE(is_numeric_date(day)) << day;
  }
  for (const char* no_day : {"13/32/2020", "2021-02-29", "0/4/2020", "120/80", "20201301", "5"}) {
    EXPECT_FALSE(is_numeric_date(no_day)) << no_day;
  }
}

}  // namespace
}  // namespace hippocrypt::privacy
