// hippocrypt attack token-cipher: ciphers notes with a fresh key and recovers them.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <set>

#include "cli/commands/attack.hpp"
#include "cli/commands/note_tokens.hpp"
#include "cli/support/output.hpp"
#include "cli/support/progress.hpp"
#include "cli/support/text_table.hpp"
#include "model/source/open_model.hpp"
#include "notes/note_file.hpp"
#include "notes/synth/synthesize.hpp"
#include "privacy/token_cipher/attack/experiment.hpp"

namespace hippocrypt::cli {
namespace {

using privacy::Documents;
using privacy::token_count;

struct AttackFlags {
  std::string model = "data/model";
  std::vector<std::string> notes = {"data/hospitals/st-anna.jsonl",
                                    "data/hospitals/riverside.jsonl",
                                    "data/hospitals/northgate.jsonl"};
  std::vector<std::string> reference;
  std::vector<std::string> reference_specialities;
  std::size_t reference_patients = 4000;
  std::string variant = "both";
  std::size_t substitutes = 2;
  std::size_t max_notes = 1000;
  std::size_t known_notes = 10;
  std::size_t iterations = 20;
  std::uint64_t seed = 1;
  bool json = false;
};

struct Texts {
  std::vector<notes::Note> attacked, reference;
  std::string reference_name;
};

Result<std::vector<notes::Note>> read_all(const std::vector<std::string>& paths) {
  std::vector<notes::Note> all;
  for (const std::string& path : paths) {
    HIPPOCRYPT_TRY(auto file, notes::read_notes(path));
    std::move(file.notes.begin(), file.notes.end(), std::back_inserter(all));
  }
  return all;
}

/// Notes of other, invented patients; without flags of the specialities that are attacked.
Result<std::vector<notes::Note>> public_notes(const AttackFlags& flags, Texts& texts) {
  if (!flags.reference.empty()) {
    texts.reference_name = fmt::format("{}", fmt::join(flags.reference, ", "));
    return read_all(flags.reference);
  }
  notes::SynthOptions options;
  options.seed = flags.seed + 1'000'003;  // no shipped notes have it
  options.patients = flags.reference_patients;
  options.heldout_share = 0;
  options.specialities = flags.reference_specialities;
  if (options.specialities.empty()) {
    std::set<std::string> found;
    for (const auto& note : texts.attacked) found.insert(note.speciality);
    const auto known = notes::speciality_names();
    std::copy_if(known.begin(), known.end(), std::back_inserter(options.specialities),
                 [&](const std::string& name) { return found.count(name) > 0; });
  }
  texts.reference_name = fmt::format("synthetic notes ({})", fmt::join(options.specialities, ", "));
  auto made = notes::synthesize(options);
  if (!made) return Error{Errc::invalid_config, "the reference: " + made.error().detail};
  return made;
}

Result<Texts> read_texts(const AttackFlags& flags) {
  Texts texts;
  HIPPOCRYPT_TRY(texts.attacked, read_all(flags.notes));
  SeededSequence order{flags.seed, "notes to attack"};
  for (std::size_t i = texts.attacked.size(); i > 1; --i) {
    std::swap(texts.attacked[i - 1], texts.attacked[order.below(i)]);
  }
  if (texts.attacked.size() > flags.max_notes) texts.attacked.resize(flags.max_notes);
  HIPPOCRYPT_TRY(texts.reference, public_notes(flags, texts));
  // Disjoint: what is attacked may not stand in the reference.
  std::set<std::string> secret;
  for (const auto& note : texts.attacked) secret.insert(notes::whole_text(note));
  texts.reference.erase(
      std::remove_if(texts.reference.begin(), texts.reference.end(),
                     [&](const auto& note) { return secret.count(notes::whole_text(note)) > 0; }),
      texts.reference.end());
  return texts;
}

Result<Documents> tokens_of(const model::Tokenizer& tokenizer,
                            const std::vector<notes::Note>& notes) {
  Documents documents;
  for (const auto& note : notes) {
    HIPPOCRYPT_TRY(auto ids, note_tokens(tokenizer, note));
    documents.push_back(std::move(ids));
  }
  return documents;
}

struct Variant {
  std::string name;
  privacy::CipherPlan plan;
  privacy::ExperimentResult result;
  double seconds = 0;
};

Result<std::vector<Variant>> variants_of(const AttackFlags& flags,
                                         const model::Tokenizer& tokenizer, const Texts& texts) {
  std::vector<Variant> variants;
  const auto fixed = special_ids(tokenizer);
  if (flags.variant != "homophonic") {
    variants.push_back(
        {"permutation", privacy::permutation_plan(tokenizer.vocab_size(), fixed), {}});
  }
  if (flags.variant != "permutation") {
    HIPPOCRYPT_TRY(const auto frequencies, token_frequencies(tokenizer, texts.reference));
    HIPPOCRYPT_TRY(auto plan, privacy::homophonic_plan(
                                  frequencies, flags.substitutes * tokenizer.vocab_size(), fixed));
    variants.push_back({"homophonic", std::move(plan), {}});
  }
  return variants;
}

nlohmann::ordered_json to_json(const privacy::Recovery& recovery) {
  return {{"by_token", recovery.by_token},
          {"by_type", recovery.by_type},
          {"tokens", recovery.tokens},
          {"types", recovery.types}};
}

nlohmann::ordered_json to_json(const Variant& variant) {
  nlohmann::ordered_json embeddings = nlohmann::ordered_json::array();
  for (const auto& [drift, recovery] : variant.result.embeddings) {
    embeddings.push_back({{"drift", drift}, {"recovery", to_json(recovery)}});
  }
  return {{"variant", variant.name},
          {"cipher_vocabulary", variant.plan.cipher_vocabulary()},
          {"frequencies", to_json(variant.result.frequencies)},
          {"hidden_markov", to_json(variant.result.statistics)},
          {"known_plaintext", to_json(variant.result.known_plaintext)},
          {"embeddings", std::move(embeddings)},
          {"seconds", variant.seconds}};
}

void print_text(const AttackFlags& flags, const std::vector<Variant>& variants, const Texts& texts,
                std::size_t attacked_tokens, std::size_t reference_tokens) {
  std::cout << fmt::format(
      "attacked:  {} notes, {} tokens, a fresh key\nreference: {}: {} notes, {} tokens, no note in "
      "common\n\n",
      texts.attacked.size(), attacked_tokens, texts.reference_name, texts.reference.size(),
      reference_tokens);
  TextTable table{{{"variant"},
                   {"ids", Align::right},
                   {"attack"},
                   {"tokens recovered", Align::right},
                   {"ids recovered", Align::right}}};
  for (const Variant& variant : variants) {
    const auto row = [&](std::string attack, const privacy::Recovery& recovery) {
      table.add_row({variant.name, std::to_string(variant.plan.cipher_vocabulary()),
                     std::move(attack), fmt::format("{:.1f} %", 100 * recovery.by_token),
                     fmt::format("{:.1f} %", 100 * recovery.by_type)});
    };
    row("frequencies alone", variant.result.frequencies);
    row("ciphered text and reference", variant.result.statistics);
    row(fmt::format("{} known notes, table only", flags.known_notes),
        variant.result.known_plaintext);
    for (const auto& [drift, recovery] : variant.result.embeddings) {
      row(fmt::format("embedding rows, moved by {:g} %", 100 * drift), recovery);
    }
  }
  std::cout << table.str()
            << "\nToken substitution is obfuscation: not encryption, not de-identification, and no "
               "epsilon becomes smaller by it.\n";
}

Status attack(const AttackFlags& flags) {
  HIPPOCRYPT_TRY(const auto bundle, model::open_model(flags.model));
  HIPPOCRYPT_TRY(const Texts texts, read_texts(flags));
  HIPPOCRYPT_TRY(auto variants, variants_of(flags, bundle.tokenizer, texts));
  HIPPOCRYPT_TRY(const Documents plain, tokens_of(bundle.tokenizer, texts.attacked));
  HIPPOCRYPT_TRY(const Documents reference, tokens_of(bundle.tokenizer, texts.reference));
  Progress progress{std::cerr, {progress_style_of_stderr(), terminal_columns()}};
  SystemRandom random;
  for (Variant& variant : variants) {
    privacy::ExperimentOptions options;
    options.plan = variant.plan;
    options.known_notes = flags.known_notes;
    options.iterations = flags.iterations;
    options.embedding = bundle.model.client.embedding.view();
    options.on_iteration = [&progress] { progress.advance(1); };
    progress.begin("attack on the " + variant.name + " cipher",
                   privacy::most_iterations(flags.iterations));
    const auto begin = std::chrono::steady_clock::now();
    auto result = privacy::attack_token_cipher(plain, reference, random, std::move(options));
    if (!result && result.error().code == Errc::out_of_range) {
      return Error{Errc::invalid_config, result.error().detail};
    }
    HIPPOCRYPT_TRY(variant.result, std::move(result));
    variant.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    progress.end(fmt::format("{:.1f} s", variant.seconds));
  }
  if (!flags.json) {
    print_text(flags, variants, texts, token_count(plain), token_count(reference));
    return {};
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Variant& variant : variants) list.push_back(to_json(variant));
  print_json(std::cout, nlohmann::ordered_json{{"notes", texts.attacked.size()},
                                               {"tokens", token_count(plain)},
                                               {"reference", texts.reference_name},
                                               {"reference_notes", texts.reference.size()},
                                               {"reference_tokens", token_count(reference)},
                                               {"known_notes", flags.known_notes},
                                               {"variants", std::move(list)}});
  return {};
}

}  // namespace

void add_attack_token_cipher(CLI::App& attack_command, int& exit_code) {
  CLI::App* command = attack_command.add_subcommand(
      "token-cipher", "Recover ciphered notes from public text, known notes or embeddings");
  const auto flags = std::make_shared<AttackFlags>();
  command->add_option("--variant", flags->variant, "permutation, homophonic or both")
      ->capture_default_str()
      ->check(CLI::IsMember({"permutation", "homophonic", "both"}));
  command->add_option("--notes", flags->notes, "Note files to cipher and attack; repeatable")
      ->capture_default_str();
  command->add_option("--reference", flags->reference,
                      "Note files as public text; repeatable. Without: synthetic notes");
  command->add_option("--reference-speciality", flags->reference_specialities,
                      "Of the synthetic notes, repeatable; without: those that are attacked");
  command->add_option("--reference-patients", flags->reference_patients, "Of the synthetic notes")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, notes::max_synthetic_patients));
  command->add_option("--model", flags->model, "Whose tokenizer and public embedding")
      ->capture_default_str();
  command
      ->add_option("--substitutes", flags->substitutes,
                   "Cipher ids for each plain id, on average, in the homophonic variant")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{16}));
  command->add_option("--max-notes", flags->max_notes, "How many notes are attacked")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--known-notes", flags->known_notes, "How many of them the attacker knows")
      ->capture_default_str();
  command->add_option("--iterations", flags->iterations, "Of the learning, at most")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{1000}));
  command
      ->add_option("--seed", flags->seed,
                   "Chooses notes and reference; the key is always a fresh one")
      ->capture_default_str();
  command->add_flag("--json", flags->json, "Print JSON");
  command->footer(
      "Example:\n  hippocrypt attack token-cipher --variant homophonic --max-notes 2000");
  command->callback([flags, &exit_code] {
    const Status status = attack(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
