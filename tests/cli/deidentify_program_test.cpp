// hippocrypt deidentify as its users meet it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/program_runner.hpp"

namespace {

using testing::HasSubstr;
using testing::Not;

class DeidentifyProgramTest : public hippocrypt::cli::ProgramRunner {
 protected:
  void write(const std::string& name, const std::string& text) const {
    std::ofstream{folder() / name, std::ios::binary} << text;
  }
  /// The exit code; output is in out.txt and err.txt.
  int run(const std::string& arguments) const {
    return ProgramRunner::run("deidentify " + arguments).exit_code;
  }

  const std::string notes_ =
      R"({"patient_id":"p","note_id":"1","own":true,"text":"qorvath walks since 3/4/2021"})"
      "\n\n"
      R"({"patient_id":"p","note_id":"2","text":"Patient: Elin Qorvath, MRN 448213"})"
      "\n";
};

TEST_F(DeidentifyProgramTest, MasksAFileInTwoPasses) {
  write("notes.jsonl", notes_);
  ASSERT_EQ(run("notes.jsonl --out clean.jsonl --report report.jsonl"), 0) << read("err.txt");
  EXPECT_EQ(read("clean.jsonl"),
            R"({"patient_id":"p","note_id":"1","own":true,"text":"[NAME] walks since [DATE 2021]"})"
            "\n"
            R"({"patient_id":"p","note_id":"2","text":"Patient: [NAME], MRN [MRN]"})"
            "\n");
  EXPECT_THAT(read("err.txt"), HasSubstr("2 notes: 4 identifiers replaced"));
  EXPECT_THAT(read("report.jsonl"), Not(HasSubstr("orvath")));
  EXPECT_EQ(nlohmann::json::parse(read("report.jsonl").substr(0, read("report.jsonl").find('\n')))
                .at("line"),
            1);
}

TEST_F(DeidentifyProgramTest, ReadsStandardInputOnce) {
  write("notes.jsonl", notes_);
  ASSERT_EQ(run("- < notes.jsonl"), 0) << read("err.txt");
  EXPECT_THAT(read("out.txt"), HasSubstr("qorvath walks"));  // the name comes later
  EXPECT_THAT(read("out.txt"), HasSubstr("Patient: [NAME], MRN [MRN]"));
}

TEST_F(DeidentifyProgramTest, SurrogatesNeedAKeyAndStayTheSame) {
  write("notes.jsonl", notes_);
  EXPECT_EQ(run("notes.jsonl --mode surrogate"), 2);
  EXPECT_THAT(read("err.txt"), HasSubstr("--key"));
  ASSERT_EQ(run("notes.jsonl --mode surrogate --key secret --out a.jsonl"), 0) << read("err.txt");
  ASSERT_EQ(run("notes.jsonl --mode surrogate --key secret --out b.jsonl"), 0);
  EXPECT_EQ(read("a.jsonl"), read("b.jsonl"));
  EXPECT_THAT(read("a.jsonl"), Not(HasSubstr("orvath")));
  ASSERT_EQ(run("notes.jsonl --mode surrogate --key other --out c.jsonl"), 0);
  EXPECT_NE(read("a.jsonl"), read("c.jsonl"));
}

TEST_F(DeidentifyProgramTest, NamesTheLineThatIsWrongAndLeavesNoHalfFile) {
  write("notes.jsonl", notes_ + "{\"a\":1}\n");
  EXPECT_EQ(run("notes.jsonl --out clean.jsonl"), 1);
  EXPECT_THAT(read("err.txt"), HasSubstr("error: notes.jsonl:4: no text"));
  EXPECT_FALSE(std::filesystem::exists(folder() / "clean.jsonl"));
  EXPECT_EQ(run("missing.jsonl"), 1);
  EXPECT_THAT(read("err.txt"), HasSubstr("error: missing.jsonl: cannot be opened"));
  write("long.jsonl", "{\"text\":\"" + std::string(5U << 20, 'a') + "\"}\n");
  EXPECT_EQ(run("long.jsonl"), 1);
  EXPECT_THAT(read("err.txt"), HasSubstr("long.jsonl:1: the line is longer than 4194304 bytes"));
}

TEST_F(DeidentifyProgramTest, RefusesFlagsThatDoNotFit) {
  EXPECT_EQ(run(""), 2);
  EXPECT_EQ(run("notes.jsonl --json"), 2);
  EXPECT_EQ(run("notes.jsonl --mode rhyme"), 2);
  EXPECT_EQ(run("notes.jsonl --key k"), 2);
  EXPECT_EQ(run("--evaluate --misses"), 2);
  EXPECT_THAT(read("err.txt"), HasSubstr("held-out"));
}

TEST_F(DeidentifyProgramTest, MeasuresItselfAndSaysWhatItDoesNotPromise) {
  ASSERT_EQ(run("--evaluate --notes 60 --json"), 0) << read("err.txt");
  const auto json = nlohmann::json::parse(read("out.txt"));
  EXPECT_EQ(json.at("notes"), 60);
  EXPECT_EQ(json.at("categories").size(), 19U);
  EXPECT_THAT(json.at("limits").get<std::string>(), HasSubstr("does not make text compliant"));
  ASSERT_EQ(run("--evaluate --notes 60"), 0);
  EXPECT_THAT(read("out.txt"), HasSubstr("health_plan"));
  EXPECT_THAT(read("out.txt"), HasSubstr("20 points or more"));
  ASSERT_EQ(run("--help"), 0);
  EXPECT_THAT(read("out.txt"), HasSubstr("does not make text compliant"));
}

TEST_F(DeidentifyProgramTest, MeasuresOnI2b2Files) {
  std::filesystem::create_directories(folder() / "xml");
  write("xml/1.xml",
        "<deIdi2b2><TEXT><![CDATA[Patient: Ada Zorn]]></TEXT><TAGS><NAME start=\"9\" end=\"17\" "
        "TYPE=\"PATIENT\"/></TAGS></deIdi2b2>");
  ASSERT_EQ(run("--i2b2 xml --json"), 0) << read("err.txt");
  const auto json = nlohmann::json::parse(read("out.txt"));
  EXPECT_EQ(json.at("categories").at("name").at("recall").at("count"), 1);
  write("xml/2.xml", "<deIdi2b2>");
  EXPECT_EQ(run("--i2b2 xml"), 1);
  EXPECT_THAT(read("err.txt"), HasSubstr("2.xml: no XML"));
}

}  // namespace
