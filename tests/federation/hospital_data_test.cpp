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
  EXPECT_EQ(data.train[0].sequences[0].tokens.front(), *special_.bos);
  EXPECT_EQ(data.train[0].sequences[0].tokens.back(), *special_.eos);
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

std::string pair_line(const std::string& prompt, const std::string& completion) {
  return R"({"patient_id":"p","note_id":"n","speciality":"x","split":"train","prompt":")" + prompt +
         R"(","completion":")" + completion + "\"}\n";
}

TEST_F(HospitalDataTest, CompletionLossLeavesPromptsOut) {
  write(pair_line("blood pressure?", " 120/80") + line("b", "heldout", "fever"));
  const auto prompt = tokenizer_.encode("blood pressure?").value();
  const auto completion = tokenizer_.encode(" 120/80").value();
  const auto all = load().value().train[0].sequences[0];
  tiny_.config.training.loss = LossTokens::completion;
  const auto data = load().value();
  const auto some = data.train[0].sequences[0];
  EXPECT_EQ(some.tokens, all.tokens);
  ASSERT_EQ(some.size(), 1 + prompt.size() + completion.size() + 1);
  EXPECT_EQ(all.predicted(), some.size() - 1) << "all but the first";
  EXPECT_EQ(some.predicted(), completion.size() + 1) << "the completion and its end";
  EXPECT_FALSE(some.learned[prompt.size()]);
  EXPECT_TRUE(some.learned[prompt.size() + 1]);
  EXPECT_EQ(data.heldout[0].predicted(), data.heldout[0].size() - 1) << "a text is learned whole";
  model::Batch batch;
  append_sequences(batch, {some}, 1.0F);
  EXPECT_EQ(batch.loss_weight[prompt.size() - 1], 0.0F);
  EXPECT_EQ(batch.loss_weight[prompt.size()], 1.0F) << "the prompt's last token predicts";
}

TEST_F(HospitalDataTest, APromptThatFillsTheNoteLeavesNothingToLearn) {
  std::string prompt;
  for (int i = 0; i < 500; ++i) prompt += "fever ";
  write(pair_line(prompt, "120/80") + line("a", "train", "pain") + line("b", "heldout", "fever"));
  tiny_.config.training.loss = LossTokens::completion;
  const auto data = load().value();
  EXPECT_EQ(data.train.size(), 1U);
  EXPECT_EQ(data.report.empty_notes, 1U);
  EXPECT_EQ(data.report.truncated_notes, 1U);
}

TEST_F(HospitalDataTest, AConversationNeedsAChatFormat) {
  write(R"({"patient_id":"p","note_id":"n7","speciality":"x","split":"train","messages":[)"
        R"({"role":"assistant","content":"a"}]})"
        "\n" +
        line("b", "heldout", "fever"));
  const auto data = load();
  ASSERT_FALSE(data.has_value());
  EXPECT_EQ(data.error().code, Errc::unsupported);
  EXPECT_NE(data.error().detail.find("n7"), std::string::npos);
  const TextCodec codec{tokenizer_, special_, model::ChatStyle{model::ChatFormat::chatml, {}}};
  const auto chat = load_hospital_data(tiny_.config.hospitals[0].notes, codec,
                                       tiny_.config.training, PrivacyUnit::patient, 96, 4096);
  ASSERT_TRUE(chat.has_value()) << chat.error().detail;
  EXPECT_EQ(tokenizer_.decode(chat->train[0].sequences[0].tokens).value(),
            "<|im_start|>assistant\na<|im_end|>\n");
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

TEST_F(HospitalDataTest, MasksIdentifiersBeforeTokensAndKeepsTheFingerprint) {
  write(line("p1", "train", "qorvath walks") +
        line("p1", "train", "Patient: Elin Qorvath, 3/4/2021") +
        line("p2", "heldout", "no names here"));
  const HospitalData plain = load().value();
  const auto masked =
      load_hospital_data(tiny_.config.hospitals[0].notes, {tokenizer_, special_, {}, true},
                         tiny_.config.training, PrivacyUnit::patient, 96, 4096)
          .value();
  EXPECT_EQ(plain.report.identifiers_masked, 0U);
  EXPECT_EQ(masked.report.identifiers_masked, 3U);
  EXPECT_EQ(masked.fingerprint, plain.fingerprint);
  EXPECT_NE(masked.train[0].sequences[0].tokens, plain.train[0].sequences[0].tokens);
  EXPECT_EQ(masked.heldout[0].tokens, plain.heldout[0].tokens);
}

}  // namespace
}  // namespace hippocrypt::federation
