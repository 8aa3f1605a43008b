#include "notes/note_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/file.hpp"
#include "notes/note_line.hpp"

namespace hippocrypt::notes {
namespace {

using ::testing::HasSubstr;

/// A folder of this test that is removed afterwards.
class NoteFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path{::testing::TempDir()} /
              (std::string{"hippocrypt_notes_"} + info->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path path() const { return folder_ / "notes.jsonl"; }

  Result<NoteFile> read(const std::string& bytes) const {
    std::ofstream{path(), std::ios::binary} << bytes;
    return read_notes(path());
  }

  /// Expects that reading `bytes` fails with `code` and a message that names the file and `what`.
  void expect_error(const std::string& bytes, Errc code, const std::string& what) const {
    const auto file = read(bytes);
    ASSERT_FALSE(file.has_value()) << what;
    EXPECT_EQ(file.error().code, code) << file.error().detail;
    EXPECT_THAT(file.error().detail, HasSubstr(path().string()));
    EXPECT_THAT(file.error().detail, HasSubstr(what));
  }

  std::filesystem::path folder_;
};

std::string line(const std::string& patient, const std::string& id, const std::string& split,
                 const std::string& text = "Chest clear.") {
  return R"({"patient_id":")" + patient + R"(","note_id":")" + id +
         R"(","speciality":"cardiology","split":")" + split + R"(","text":")" + text + "\"}\n";
}

Note make_note(const std::string& patient, const std::string& id, const std::string& text,
               Split split = Split::train) {
  return Note{
      .patient_id = patient, .note_id = id, .speciality = "oncology", .text = text, .split = split};
}

TEST_F(NoteFileTest, ReadsNotesAndReports) {
  const auto file = read(line("P-2", "N1", "train") + "\n" + line("P-1", "N1", "heldout", "One.") +
                         line("P-2", "N2", "train", "Zw\\u00f6lf \\\"quoted\\\"."));
  ASSERT_TRUE(file.has_value()) << file.error().detail;
  ASSERT_EQ(file->notes.size(), 3u);
  EXPECT_EQ(file->notes[2].text, "Zw\xC3\xB6lf \"quoted\".");
  EXPECT_EQ(file->report.lines, 4u);
  EXPECT_EQ(file->report.blank_lines, 1u);
  EXPECT_EQ(file->report.notes, 3u);
  EXPECT_EQ(file->report.train_patients, 1u);
  EXPECT_EQ(file->report.heldout_patients, 1u);
  EXPECT_EQ(file->report.invalid_utf8_lines, 0u);
}

TEST_F(NoteFileTest, GroupsByPatientInOrderOfFirstAppearance) {
  const auto file = read(line("P-9", "N1", "train") + line("P-1", "N1", "train") +
                         line("P-5", "N1", "heldout") + line("P-9", "N2", "train"));
  ASSERT_TRUE(file.has_value()) << file.error().detail;
  const auto train = file->patients(Split::train);
  ASSERT_EQ(train.size(), 2u);
  EXPECT_EQ(train[0].patient_id, "P-9");
  ASSERT_EQ(train[0].notes.size(), 2u);
  EXPECT_EQ(train[0].notes[1].note_id, "N2");
  EXPECT_EQ(train[1].patient_id, "P-1");
  ASSERT_EQ(file->patients(Split::heldout).size(), 1u);
  EXPECT_EQ(file->patients(Split::heldout)[0].patient_id, "P-5");
}

TEST_F(NoteFileTest, AcceptsByteOrderMarkWindowsLineEndsAndNoFinalLineBreak) {
  std::string bytes = "\xEF\xBB\xBF" + line("P-1", "N1", "train");
  bytes.insert(bytes.size() - 1, "\r");
  std::string last = line("P-1", "N2", "train");
  last.pop_back();
  const auto file = read(bytes + last);
  ASSERT_TRUE(file.has_value()) << file.error().detail;
  EXPECT_EQ(file->notes.size(), 2u);
}

TEST_F(NoteFileTest, MissingFileIsNotFound) {
  const auto file = read_notes(folder_ / "absent.jsonl");
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().code, Errc::not_found);
  EXPECT_THAT(file.error().detail, HasSubstr("absent.jsonl"));
}

TEST_F(NoteFileTest, FolderInPlaceOfFileIsIo) {
  const auto file = read_notes(folder_);
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().code, Errc::io);
}

TEST_F(NoteFileTest, FileWithoutNotesIsMalformed) {
  expect_error("", Errc::malformed, "no notes");
  expect_error("\n  \n\r\n", Errc::malformed, "no notes");
  expect_error("\xEF\xBB\xBF", Errc::malformed, "no notes");
}

TEST_F(NoteFileTest, LineThatIsNoObjectIsMalformed) {
  const std::string first = line("P-1", "N1", "train");
  expect_error(first + "hello\n", Errc::malformed, ":2: not a JSON object");
  expect_error(first + "\n[1, 2]\n", Errc::malformed, ":3: an array, not a JSON object");
  expect_error("42\n", Errc::malformed, ":1: a number, not a JSON object");
  expect_error("\"text\"\n", Errc::malformed, ":1: a string, not a JSON object");
  expect_error("{\"patient_id\":\"P\n", Errc::malformed, ":1: not a JSON object");
  expect_error("{} {}\n", Errc::malformed, ":1: not a JSON object");
  expect_error(std::string(8, '\0') + "\n", Errc::malformed, ":1: not a JSON object");
}

TEST_F(NoteFileTest, EveryMissingFieldIsNamed) {
  for (const std::string field : {"patient_id", "note_id", "speciality", "split", "text"}) {
    std::string text = line("P-1", "N1", "train");
    const std::size_t start = text.find('"' + field + '"');
    const std::size_t end = text.find_first_of(",}", start);
    text.erase(start, end - start + (text[end] == ',' ? 1 : 0));
    if (const auto comma = text.find(",}"); comma != std::string::npos) text.erase(comma, 1);
    expect_error(text, Errc::malformed, ":1: field '" + field + "' is missing");
  }
}

TEST_F(NoteFileTest, EveryWrongTypeIsNamed) {
  const std::pair<std::string, std::string> cases[] = {
      {"7", "a number"}, {"-7", "a number"},      {"7.5", "a number"},       {"true", "a boolean"},
      {"null", "null"},  {"[\"a\"]", "an array"}, {"{\"a\":1}", "an object"}};
  for (const auto& [value, type] : cases) {
    expect_error("{\"text\":" + value + "}\n", Errc::malformed,
                 ":1: field 'text' is " + type + "; it must be a string");
  }
}

TEST_F(NoteFileTest, DeepNestingIsRefusedAtOnce) {
  expect_error("{\"text\":" + std::string(500'000, '[') + "\n", Errc::malformed,
               "field 'text' is an array");
}

std::string line_of(const std::string& rest) {
  return R"({"patient_id":"P-1","note_id":"N1","speciality":"x","split":"train",)" + rest + "}\n";
}

TEST_F(NoteFileTest, ReadsPromptsWithCompletionsAndConversations) {
  const auto pair = read(line_of(R"("prompt":"BP? ","completion":"120/80")"));
  ASSERT_TRUE(pair.has_value()) << pair.error().detail;
  EXPECT_EQ(pair->notes[0].prompt, "BP? ");
  EXPECT_EQ(pair->notes[0].text, "120/80");
  EXPECT_EQ(whole_text(pair->notes[0]), "BP? 120/80");
  const auto chat = read(line_of(R"("messages":[{"role":"user","content":"BP?"},)"
                                 R"({"content":"120/80","role":"assistant"}])"));
  ASSERT_TRUE(chat.has_value()) << chat.error().detail;
  EXPECT_EQ(chat->notes[0].turns,
            (std::vector<Turn>{{Role::user, "BP?"}, {Role::assistant, "120/80"}}));
  EXPECT_EQ(whole_text(chat->notes[0]), "BP?\n120/80");
}

TEST_F(NoteFileTest, ANoteHasOneFormAndAllOfIt) {
  const auto malformed = [this](const std::string& rest, const std::string& what) {
    expect_error(line_of(rest), Errc::malformed, what);
  };
  malformed(R"("prompt":"a","text":"b")", "not several");
  malformed(R"("text":"a","messages":[])", "not several");
  malformed(R"("prompt":"a")", "field 'completion' is missing");
  malformed(R"("completion":"a")", "field 'prompt' is missing");
  malformed(R"("prompt":" ","completion":"a")", "field 'prompt' is empty");
  malformed(R"("prompt":"a","completion":" ")", "field 'completion' is empty");
  malformed(R"("prompt":"a","prompt":"b")", "'prompt' is given twice");
  malformed(R"("messages":[])", "field 'messages' is empty");
}

TEST_F(NoteFileTest, MalformedConversationsAreNamed) {
  const auto malformed = [this](const std::string& messages, const std::string& what) {
    expect_error(line_of("\"messages\":" + messages), Errc::malformed, what);
  };
  const std::string turn = R"({"role":"assistant","content":"a"})";
  malformed("\"a\"", "field 'messages' is a string; it must be a list");
  malformed("{}", "field 'messages' is an object; it must be a list");
  malformed("[7]", "an entry of 'messages' is a number; it must be an object");
  malformed("[\"a\"]", "an entry of 'messages' is a string; it must be an object");
  malformed("[[" + turn + "]]", "an entry of 'messages' is an array; it must be an object");
  malformed(R"([{"role":["a"]}])", "'role' of a message is an array; it must be a string");
  malformed(R"([{"content":{}}])", "'content' of a message is an object; it must be a string");
  malformed(R"([{"role":"doctor"}])", "'doctor' is no role of a message");
  malformed(R"([{"name":"a"}])", "unknown field 'name' in a message");
  malformed(R"([{"role":"user"}])", "a message has no 'content'");
  malformed(R"([{"content":"a"}])", "a message has no 'role'");
  malformed(R"([{"role":"user","role":"user"}])", "'role' is given twice in a message");
  malformed(R"([{"role":"user","content":"a"}])", "no message is the assistant's");
  malformed("[" + turn + "],\"messages\":[]", "'messages' is given twice");
}

TEST_F(NoteFileTest, UnknownSplitNamesWhatIsAllowed) {
  expect_error(line("P-1", "N1", "test"), Errc::malformed,
               ":1: field 'split' is 'test'; it must be 'train' or 'heldout'");
}

TEST_F(NoteFileTest, UnknownAndRepeatedFieldsAreRefused) {
  expect_error("{\"name\":\"x\"}\n", Errc::malformed, "unknown field 'name'; a note has exactly");
  expect_error("{\"text\":\"a\",\"text\":\"b\"}\n", Errc::malformed, "field 'text' is given twice");
  expect_error("{\"" + std::string(500, 'n') + "\":\"x\"}\n", Errc::malformed,
               "unknown field '" + std::string(40, 'n') + "...'");
}

TEST_F(NoteFileTest, EmptyOrOverlongNamesAndEmptyTextAreRefused) {
  expect_error(line("", "N1", "train"), Errc::malformed, "field 'patient_id' must have 1 to 128");
  expect_error(line(std::string(129, 'P'), "N1", "train"), Errc::malformed, "'patient_id'");
  expect_error(line("P-1", "N\\n1", "train"), Errc::malformed, "'note_id'");
  expect_error(line("P-1", "N1", "train", " \\t"), Errc::malformed, "field 'text' is empty");
}

TEST_F(NoteFileTest, LoneSurrogateIsMalformed) {
  expect_error(line("P-1", "N1", "train", "\\ud800"), Errc::malformed, ":1: not a JSON object");
}

TEST_F(NoteFileTest, BytesThatAreNotUtf8AreReplacedAndCounted) {
  const auto file = read(line("P-1", "N1", "train", "T 38.5\xB0, caf\xE9.") +
                         line("P-1", "N2", "train", "Fine.") + line("P-2", "N1", "train", "\xFF"));
  ASSERT_TRUE(file.has_value()) << file.error().detail;
  EXPECT_EQ(file->notes[0].text, "T 38.5\xEF\xBF\xBD, caf\xEF\xBF\xBD.");
  EXPECT_EQ(file->notes[2].text, "\xEF\xBF\xBD");
  EXPECT_EQ(file->report.invalid_utf8_lines, 2u);
  EXPECT_EQ(file->report.replaced_sequences, 3u);
}

TEST_F(NoteFileTest, PatientInBothSplitsIsMismatch) {
  expect_error(
      line("P-1", "N1", "train") + line("P-7", "N1", "heldout") + line("P-7", "N2", "train"),
      Errc::mismatch,
      ":3: patient 'P-7' is in split 'train' here and in 'heldout' in "
      "line 2");
}

TEST_F(NoteFileTest, RepeatedNoteOfPatientIsMalformed) {
  expect_error(line("P-1", "N1", "train") + line("P-2", "N1", "train") +
                   line("P-1", "N1", "train", "Other."),
               Errc::malformed, ":3: patient 'P-1' has a note 'N1' already in line 1");
}

TEST_F(NoteFileTest, OverlongLineExceedsLimit) {
  expect_error(line("P-1", "N1", "train", std::string(max_note_line_bytes, 'a')),
               Errc::limit_exceeded, ":1: the line has");
}

TEST_F(NoteFileTest, OverlongFileExceedsLimit) {
  std::ofstream{path()} << "x";
  std::filesystem::resize_file(path(), max_note_file_bytes + 1);  // sparse: no disk is used
  const auto file = read_notes(path());
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().code, Errc::limit_exceeded);
}

TEST_F(NoteFileTest, WhatIsWrittenReadsBackEqual) {
  const std::vector<Note> notes{
      make_note("P-1", "N1", "Line one.\nTab\t, quote \" and backslash \\."),
      make_note("P-1", "N2",
                "Gr\xC3\xB6\xC3\x9F"
                "e 1,80 m \xE2\x89\xA5 \xF0\x9F\xA9\xBA"),
      make_note("P-2", "N1", std::string{"nul \0 inside", 12}, Split::heldout),
      {.patient_id = "P-3", .note_id = "N1", .speciality = "x", .text = "b", .prompt = "a"},
      {.patient_id = "P-3",
       .note_id = "N2",
       .speciality = "x",
       .text = "",
       .turns = {{Role::system, "s"}, {Role::user, "u"}, {Role::assistant, "a"}}}};
  ASSERT_TRUE(write_notes(path(), notes).has_value());
  const auto file = read_notes(path());
  ASSERT_TRUE(file.has_value()) << file.error().detail;
  EXPECT_EQ(file->notes, notes);
}

TEST_F(NoteFileTest, WriterRefusesWhatReaderWould) {
  const auto code = [&](const std::vector<Note>& notes) {
    const Status status = write_notes(path(), notes);
    return status.has_value() ? std::string{"ok"} : std::string{to_string(status.error().code)};
  };
  const std::string malformed = to_string(Errc::malformed);
  EXPECT_EQ(code({}), malformed);
  EXPECT_EQ(code({make_note("P-1", "N1", "caf\xE9")}), malformed);
  EXPECT_EQ(code({make_note("P-1", "N1", "")}), malformed);
  EXPECT_EQ(code({make_note("", "N1", "a")}), malformed);
  Note both = make_note("P-1", "N1", "a");
  both.turns = {{Role::assistant, "a"}};
  EXPECT_EQ(code({both}), malformed);
  EXPECT_EQ(code({make_note("P-1", "N1", "a"), make_note("P-1", "N1", "b")}), malformed);
  EXPECT_EQ(code({make_note("P-1", "N1", "a"), make_note("P-1", "N2", "b", Split::heldout)}),
            to_string(Errc::mismatch));
  EXPECT_EQ(code({make_note("P-1", "N1", std::string(max_note_line_bytes, 'a'))}),
            to_string(Errc::limit_exceeded));
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(NoteFileTest, WriterReportsIo) {
  std::ofstream{folder_ / "file"} << "x";
  const Status status =
      write_notes(folder_ / "file" / "notes.jsonl", std::vector{make_note("P-1", "N1", "a")});
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, Errc::io);
}

TEST(DatasetFingerprint, DependsOnTrainTextsAndNotOnTheirOrder) {
  std::vector<Note> notes{make_note("P-1", "N1", "One."), make_note("P-1", "N2", "Two."),
                          make_note("P-2", "N1", "Three."),
                          make_note("P-3", "N1", "Held out.", Split::heldout)};
  const Hash256 fingerprint = dataset_fingerprint(notes);
  std::vector<Note> shuffled = notes;
  std::reverse(shuffled.begin(), shuffled.end());
  EXPECT_EQ(dataset_fingerprint(shuffled), fingerprint);
  std::vector<Note> without_heldout = notes;
  without_heldout.pop_back();
  EXPECT_EQ(dataset_fingerprint(without_heldout), fingerprint);

  std::vector<Note> other_text = notes;
  other_text[2].text = "Three!";
  EXPECT_NE(dataset_fingerprint(other_text), fingerprint);
  std::vector<Note> other_patient = notes;
  other_patient[2].patient_id = "P-4";
  EXPECT_NE(dataset_fingerprint(other_patient), fingerprint);
  std::vector<Note> repeated = notes;
  repeated.push_back(make_note("P-2", "N9", "Three."));
  EXPECT_NE(dataset_fingerprint(repeated), fingerprint);
  std::vector<Note> prompted = notes;
  prompted[2].prompt = "Count: ";
  EXPECT_NE(dataset_fingerprint(prompted), fingerprint);
}

TEST(DatasetFingerprint, KeepsItsFieldsApart) {
  EXPECT_NE(dataset_fingerprint(std::vector{make_note("P-1", "N1", "0a")}),
            dataset_fingerprint(std::vector{make_note("P-10", "N1", "a")}));
}

}  // namespace
}  // namespace hippocrypt::notes
