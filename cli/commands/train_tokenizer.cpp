// hippocrypt train-tokenizer: a byte-pair vocabulary from the training notes of note files.

#include <iostream>
#include <memory>
#include <string_view>

#include "cli/commands/commands.hpp"
#include "cli/support/output.hpp"
#include "model/tokenizer/bpe_trainer.hpp"
#include "model/tokenizer/tokenizer_json.hpp"
#include "notes/note_file.hpp"

namespace hippocrypt::cli {
namespace {

constexpr std::size_t byte_values = 256;

struct TokenizerFlags {
  std::vector<std::string> notes;
  std::vector<std::string> special = {"<|bos|>", "<|eos|>"};
  std::size_t vocab = 2048;
  std::string out;
  bool json = false;
};

Status train_tokenizer(const TokenizerFlags& flags) {
  std::vector<notes::NoteFile> files;
  std::vector<std::string> texts;
  for (const std::string& path : flags.notes) {
    HIPPOCRYPT_TRY(notes::NoteFile file, notes::read_notes(path));
    files.push_back(std::move(file));
  }
  // A vocabulary that has seen the held-out notes would flatter the evaluation.
  for (const notes::NoteFile& file : files)
    for (const notes::Note& note : file.notes)
      if (note.split == notes::Split::train) texts.push_back(notes::whole_text(note));
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  Result<model::Tokenizer> tokenizer = model::train_bpe(views, flags.vocab, flags.special);
  if (!tokenizer.has_value()) {
    const bool from_flags = tokenizer.error().code != Errc::limit_exceeded;
    return Error{from_flags ? Errc::invalid_config : tokenizer.error().code,
                 tokenizer.error().detail};
  }
  HIPPOCRYPT_TRY_VOID(model::write_tokenizer_json(tokenizer.value(), flags.out));
  if (flags.json) {
    print_json(
        std::cout,
        {{"path", flags.out}, {"vocab_size", tokenizer->vocab_size()}, {"notes", texts.size()}});
  } else {
    std::cout << flags.out << ": " << tokenizer->vocab_size() << " tokens from " << texts.size()
              << " notes\n";
  }
  return {};
}

}  // namespace

void add_train_tokenizer(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("train-tokenizer", "Learn a byte-pair tokenizer from notes");
  const auto flags = std::make_shared<TokenizerFlags>();
  command->add_option("--notes", flags->notes, "Note file (JSON Lines); repeatable")->required();
  command->add_option("--vocab", flags->vocab, "How many tokens, the specials and bytes included")
      ->capture_default_str()
      ->check(CLI::Range(byte_values, model::max_vocab_size));
  command->add_option("--special", flags->special, "Special token, ids from 0; repeatable")
      ->capture_default_str();
  command->add_option("--out", flags->out, "The tokenizer.json to write")->required();
  command->add_flag("--json", flags->json, "Print the result as JSON");
  command->footer(
      "Held-out notes are left out. The vocabulary shows what was in the notes, without any "
      "noise:\n"
      "use it for public or synthetic notes only.\n"
      "Example:\n"
      "  hippocrypt train-tokenizer --notes a.jsonl --notes b.jsonl --vocab 2048 \\\n"
      "    --out model/tokenizer.json");
  command->callback([flags, &exit_code] {
    const Status status = train_tokenizer(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
