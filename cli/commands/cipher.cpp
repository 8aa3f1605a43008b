// hippocrypt cipher: keys for token ids, and notes as substituted ids. Obfuscation only.

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <memory>

#include "base/file.hpp"
#include "cli/commands/commands.hpp"
#include "cli/commands/note_tokens.hpp"
#include "cli/support/output.hpp"
#include "model/tokenizer/tokenizer_json.hpp"
#include "notes/note_file.hpp"
#include "privacy/token_cipher/cipher_key.hpp"

namespace hippocrypt::cli {
namespace {

constexpr std::size_t max_cipher_file_bytes = std::size_t{1} << 30;
constexpr const char* honest =
    "Obfuscation only: not encryption and not de-identification, and no epsilon becomes smaller by "
    "it; 'hippocrypt attack token-cipher' shows how it breaks.";

struct CipherFlags {
  std::string tokenizer = "data/model/tokenizer.json";
  std::string key, notes, in, out;
  std::string variant = "permutation";
  std::vector<std::string> frequencies;
  std::size_t substitutes = 2;
};

Result<privacy::CipherPlan> plan_of(const CipherFlags& flags, const model::Tokenizer& tokenizer) {
  if (flags.variant == "permutation") {
    return privacy::permutation_plan(tokenizer.vocab_size(), special_ids(tokenizer));
  }
  if (flags.frequencies.empty()) {
    return Error{Errc::invalid_config,
                 "the homophonic variant needs --frequencies: note files that tell how often each "
                 "token occurs"};
  }
  std::vector<notes::Note> notes;
  for (const std::string& path : flags.frequencies) {
    HIPPOCRYPT_TRY(auto file, notes::read_notes(path));
    std::move(file.notes.begin(), file.notes.end(), std::back_inserter(notes));
  }
  HIPPOCRYPT_TRY(const auto frequencies, token_frequencies(tokenizer, notes));
  return privacy::homophonic_plan(frequencies, flags.substitutes * tokenizer.vocab_size(),
                                  special_ids(tokenizer));
}

Status make_key(const CipherFlags& flags) {
  HIPPOCRYPT_TRY(const auto tokenizer, model::read_tokenizer_json(flags.tokenizer));
  HIPPOCRYPT_TRY(auto plan, plan_of(flags, tokenizer));
  const std::size_t substitutes = plan.cipher_vocabulary();
  SystemRandom random;
  HIPPOCRYPT_TRY_VOID(
      save_cipher_key(flags.key, privacy::CipherKey::generate(std::move(plan), random)));
  std::cout << fmt::format("{}: a {} cipher of {} ids with {} substitutes\n", flags.key,
                           flags.variant, tokenizer.vocab_size(), substitutes);
  std::cerr << honest << '\n';
  return {};
}

struct Opened {
  model::Tokenizer tokenizer;
  privacy::TokenCipher cipher;
};

Result<Opened> open(const CipherFlags& flags) {
  HIPPOCRYPT_TRY(auto tokenizer, model::read_tokenizer_json(flags.tokenizer));
  HIPPOCRYPT_TRY(const auto key, privacy::load_cipher_key(flags.key));
  HIPPOCRYPT_TRY(auto cipher, key.cipher());
  if (cipher.plain_vocabulary() != tokenizer.vocab_size()) {
    return Error{Errc::mismatch,
                 fmt::format("{} is for a vocabulary of {}, {} has {}", flags.key,
                             cipher.plain_vocabulary(), flags.tokenizer, tokenizer.vocab_size())};
  }
  return Opened{std::move(tokenizer), std::move(cipher)};
}

Status encode(const CipherFlags& flags) {
  HIPPOCRYPT_TRY(const Opened opened, open(flags));
  HIPPOCRYPT_TRY(const auto file, notes::read_notes(flags.notes));
  SystemRandom random;
  std::string lines;
  for (const auto& note : file.notes) {
    HIPPOCRYPT_TRY(const NoteTokens ids, note_tokens(opened.tokenizer, note));
    HIPPOCRYPT_TRY(const auto ciphered, opened.cipher.encode(ids, random));
    const nlohmann::ordered_json line{{"patient_id", note.patient_id},
                                      {"note_id", note.note_id},
                                      {"speciality", note.speciality},
                                      {"split", to_string(note.split)},
                                      {"tokens", ciphered}};
    lines += line.dump() + '\n';
  }
  HIPPOCRYPT_TRY_VOID(write_file_atomically(flags.out, as_bytes(lines)));
  std::cout << fmt::format("{}: {} notes as substituted ids\n", flags.out, file.notes.size());
  std::cerr << honest << '\n';
  return {};
}

Result<notes::Note> decoded(const Opened& opened, std::string_view line, const std::string& place) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  const auto malformed = [&] {
    return Error{Errc::malformed,
                 place +
                     ": not a line that 'hippocrypt cipher encode' writes (an object with "
                     "patient_id, note_id, speciality, split and tokens)"};
  };
  if (!json.is_object()) return malformed();
  notes::Note note;
  const auto text = [&](const char* name, std::string& value) {
    const auto found = json.find(name);
    if (found == json.end() || !found->is_string()) return false;
    value = found->get<std::string>();
    return true;
  };
  std::string split;
  const auto tokens = json.find("tokens");
  if (!text("patient_id", note.patient_id) || !text("note_id", note.note_id) ||
      !text("speciality", note.speciality) || !text("split", split) || tokens == json.end() ||
      !tokens->is_array() || (split != "train" && split != "heldout")) {
    return malformed();
  }
  note.split = split == "train" ? notes::Split::train : notes::Split::heldout;
  std::vector<std::uint32_t> ids;
  for (const auto& id : *tokens) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() > UINT32_MAX) return malformed();
    ids.push_back(id.get<std::uint32_t>());
  }
  const auto named = [&](const Error& error) {
    return Error{error.code, place + ": " + error.detail};
  };
  const auto plain = opened.cipher.decode(ids);
  if (!plain) return named(plain.error());
  auto decoded_text = opened.tokenizer.decode(*plain);
  if (!decoded_text) return named(decoded_text.error());
  note.text = *std::move(decoded_text);
  return note;
}

Status decode(const CipherFlags& flags) {
  HIPPOCRYPT_TRY(const Opened opened, open(flags));
  HIPPOCRYPT_TRY(const std::string lines, read_text_file(flags.in, max_cipher_file_bytes));
  std::vector<notes::Note> notes;
  std::size_t number = 0;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size());
    const std::string_view line = std::string_view{lines}.substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.empty()) continue;
    HIPPOCRYPT_TRY(auto note, decoded(opened, line, fmt::format("{}:{}", flags.in, number)));
    notes.push_back(std::move(note));
  }
  HIPPOCRYPT_TRY_VOID(notes::write_notes(flags.out, notes));
  std::cout << fmt::format("{}: {} notes\n", flags.out, notes.size());
  return {};
}

using Work = Status (*)(const CipherFlags& flags);

CLI::App* add_part(CLI::App& parent, const char* name, const char* help,
                   const std::shared_ptr<CipherFlags>& flags, Work work, int& exit_code) {
  CLI::App* part = parent.add_subcommand(name, help);
  part->add_option("--tokenizer", flags->tokenizer, "tokenizer.json")->capture_default_str();
  part->add_option("--key", flags->key, "The key file")->required();
  part->callback([flags, work, &exit_code] {
    const Status status = work(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
  return part;
}

}  // namespace

void add_cipher(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "cipher", "Substitute token ids under a key (obfuscation only, see 'attack token-cipher')");
  command->require_subcommand(1);
  const auto flags = std::make_shared<CipherFlags>();
  CLI::App* keygen = add_part(*command, "keygen", "Make a key file", flags, make_key, exit_code);
  keygen->add_option("--variant", flags->variant, "permutation or homophonic")
      ->capture_default_str()
      ->check(CLI::IsMember({"permutation", "homophonic"}));
  keygen
      ->add_option("--substitutes", flags->substitutes,
                   "Cipher ids for each id on average, in the homophonic variant")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{16}));
  keygen->add_option("--frequencies", flags->frequencies,
                     "Note files that tell how often each token occurs; repeatable");
  CLI::App* encoding =
      add_part(*command, "encode", "Write notes as substituted ids", flags, encode, exit_code);
  encoding->add_option("--notes", flags->notes, "The note file")->required();
  encoding->add_option("--out", flags->out, "The file to write")->required();
  CLI::App* decoding =
      add_part(*command, "decode", "Write substituted ids as notes", flags, decode, exit_code);
  decoding->add_option("--in", flags->in, "What encode wrote")->required();
  decoding->add_option("--out", flags->out, "The note file to write")->required();
  command->footer(
      "Example:\n"
      "  hippocrypt cipher keygen --key cipher.key\n"
      "  hippocrypt cipher encode --key cipher.key --notes notes.jsonl --out ids.jsonl");
}

}  // namespace hippocrypt::cli
