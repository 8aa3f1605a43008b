#include "federation/client/hospital_data.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "model/tokenizer/tokenizer_json.hpp"
#include "tests/support/tiny_federation.hpp"

namespace hippocrypt::federation {
namespace {

class HospitalDataTest : public ::testing::Test {
 protected:
  HospitalDataTest()
      : tiny_{std::string{"hospital_data_"} +
              ::testing::UnitTest::GetInstance()->current_test_info()->name()},
        tokenizer_{model::read_tokenizer_json(tiny_.config.model.path / "tokenizer.json").value()},
        special_{model::load_special_token_ids(tiny_.config.model.path).value()} {}

  Result<HospitalData> load(PrivacyUnit unit = PrivacyUnit::patient,
                            std::size_t eval_tokens = 4096) {
    return load_hospital_data(tiny_.config.hospitals[0].notes, {tokenizer_, special_},
                              tiny_.config.training, unit, 96, eval_tokens);
  }
  void write(const std::string& text) {
    ASSERT_TRUE(write_file_atomically(tiny_.config.hospitals[0].notes, as_bytes(text)));
  }
  static std::string line(const std::string& patient, const std::string& split,
                          const std::string& text) {
    static int id = 0;
    return R"({"patient_id":")" + patient + R"(","note_id":"N)" + std::to_string(++id) +
           R"(","speciality":"x","split":")" + split + R"(","text":")" + text + "\"}\n";
  }

  test_support::TinyFederation tiny_;
  model::Tokenizer tokenizer_;
  model::SpecialTokenIds special_;
};

TEST_F(HospitalDataTest, AUnitIsAPatientWithAllNotes) {
  write(line("a", "train", "one") + line("b", "train", "two") + line("a", "train", "three") +
        line("c", "heldout", "four"));
  const auto data = load().value();
  ASSERT_EQ(data.train.size(), 2U);
  EXPECT_EQ(data.train[0].sequences.size(), 2U);
  EXPECT_EQ(data.heldout.size(), 1U);
  EXPECT_EQ(data.train[0].sequences[0].front(), *special_.bos);
  EXPECT_EQ(data.train[0].sequences[0].back(), *special_.eos);
  EXPECT_EQ(load(PrivacyUnit::note).value().train.size(), 3U);
}

TEST_F(HospitalDataTest, LongNotesAreCutAndCounted) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "fever ";
  write(line("a", "train", text) + line("b", "heldout", "fever"));
  const auto data = load().value();
  EXPECT_EQ(data.report.truncated_notes, 1U);
  EXPECT_EQ(data.train[0].token_count(), tiny_.config.training.max_note_tokens);
}

TEST_F(HospitalDataTest, NotesBeyondThePatientsRoomAreLeftOutAndCounted) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "fever ";
  write(line("a", "train", text) + line("a", "train", text) + line("a", "train", text) +
        line("b", "heldout", "fever"));
  const auto data = load().value();
  EXPECT_EQ(data.report.dropped_notes, 1U);
  EXPECT_EQ(data.train[0].token_count(), tiny_.config.training.max_patient_tokens);
}

TEST_F(HospitalDataTest, BrokenBytesAreRepairedAndCounted) {
  write(line("a", "train", "caf\xE9") + line("b", "heldout", "fever"));
  EXPECT_EQ(load().value().report.invalid_utf8_lines, 1U);
}

TEST_F(HospitalDataTest, EvaluationStopsAtItsCapacity) {
  const auto data = load(PrivacyUnit::patient, 100).value();
  std::size_t tokens = 0;
  for (const auto& sequence : data.heldout) tokens += sequence.size();
  EXPECT_LE(tokens, 100U);
  EXPECT_GT(data.report.heldout_notes_unused, 0U);
}

TEST_F(HospitalDataTest, AMissingSplitIsAnError) {
  write(line("a", "train", "pain"));
  EXPECT_EQ(load().error().code, Errc::out_of_range);
  write(line("a", "heldout", "pain"));
  EXPECT_EQ(load().error().code, Errc::out_of_range);
}

}  // namespace
}  // namespace hippocrypt::federation
