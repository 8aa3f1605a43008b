// hippocrypt embed: a release of notes' embeddings with noise on them (DP-Forward), charged first.

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <iostream>
#include <limits>
#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/commands/forward_output.hpp"
#include "cli/support/output.hpp"
#include "federation/client/forward_inputs.hpp"
#include "federation/client/local_plan.hpp"
#include "model/source/open_model.hpp"
#include "privacy/accounting/analytic_gaussian.hpp"
#include "privacy/ledger/ledger.hpp"

namespace hippocrypt::cli {
namespace {

struct EmbedFlags {
  std::string model, notes, out, ledger, seed_file, hospital;
  std::string split = "train";
  std::size_t tokens = 128;
  double clip = 1;
  double epsilon = 8;
  double noise_multiplier = 0;
  double delta = 1e-5;
  double budget = std::numeric_limits<double>::infinity();
  bool forget_seed = false;
  bool json = false;
};

std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Errors: invalid_config, which names the flag.
Result<privacy::MatrixGaussianParams> params_of(const EmbedFlags& flags, std::size_t features) {
  privacy::MatrixGaussianParams params{flags.clip, flags.noise_multiplier, features, flags.tokens};
  if (!(flags.noise_multiplier > 0)) {
    const auto multiplier = privacy::gaussian_noise_multiplier({flags.epsilon, flags.delta});
    if (!multiplier) {
      return Error{Errc::invalid_config, "--epsilon, --delta: " + multiplier.error().detail};
    }
    params.noise_multiplier = *multiplier;
  }
  const Status status = params.check();
  if (!status) return Error{Errc::invalid_config, status.error().detail};
  return params;
}

/// In memory only with --forget-seed. Errors: those of load_or_create.
Result<privacy::NoiseSeed> seed_of(const EmbedFlags& flags, RandomSource& random) {
  if (flags.forget_seed) return privacy::NoiseSeed::fresh(random);
  return privacy::NoiseSeed::load_or_create(
      flags.seed_file.empty() ? flags.notes + ".dp_forward.seed" : flags.seed_file, random);
}

/// Errors: io (it cannot be made, or is there already).
Status make_folder(const std::filesystem::path& folder) {
  std::error_code failure;
  if (folder.has_parent_path()) {
    std::filesystem::create_directories(folder.parent_path(), failure);
  }
  if (!failure && std::filesystem::create_directory(folder, failure)) return {};
  return Error{Errc::io, folder.string() + ": cannot create the folder: " +
                             (failure ? failure.message() : std::string{"it exists already"}) +
                             "; choose another --out"};
}

Result<privacy::EmbeddingRelease> pay(const EmbedFlags& flags,
                                      const privacy::MatrixGaussianParams& params,
                                      const federation::NoteSequences& notes,
                                      const Matrix& embedding) {
  SystemRandom random;
  HIPPOCRYPT_TRY(auto seed, seed_of(flags, random));
  const std::string ledger_path =
      flags.ledger.empty() ? flags.notes + ".ledger.sqlite" : flags.ledger;
  HIPPOCRYPT_TRY(auto ledger, privacy::Ledger::open(ledger_path));
  privacy::ReleaseSource source;
  source.dataset = notes.fingerprint;
  source.embedding = federation::embedding_fingerprint(embedding);
  for (const auto& sequence : notes.sequences) source.sequences.push_back(sequence.identity);
  privacy::ReleaseTerms terms;
  terms.delta = flags.delta;
  terms.budget = flags.budget;
  terms.run = "embed";
  terms.hospital =
      flags.hospital.empty() ? std::filesystem::path{flags.notes}.stem().string() : flags.hospital;
  terms.software_version = HIPPOCRYPT_VERSION;
  terms.unix_clock = unix_now;
  return privacy::EmbeddingRelease::pay(params, std::move(source), std::move(seed), terms, ledger);
}

Status embed(const EmbedFlags& flags) {
  const notes::Split split = flags.split == "train" ? notes::Split::train : notes::Split::heldout;
  HIPPOCRYPT_TRY(const auto bundle, model::open_model(flags.model));
  const Matrix& embedding = bundle.model.client.embedding;
  HIPPOCRYPT_TRY(const auto params, params_of(flags, embedding.cols()));
  HIPPOCRYPT_TRY(const auto notes,
                 federation::load_note_sequences(flags.notes, federation::text_codec(bundle), split,
                                                 flags.tokens));
  HIPPOCRYPT_TRY_VOID(make_folder(flags.out));
  const auto release = pay(flags, params, notes, embedding);
  if (!release) {
    std::error_code ignored;
    std::filesystem::remove(flags.out, ignored);  // it is empty
    return release.error();
  }
  const ReleaseTarget target{flags.out, flags.delta, flags.budget};
  HIPPOCRYPT_TRY(const auto files, write_release(target, *release, notes.sequences, embedding));
  const auto document = release_json(target, *release, files);
  HIPPOCRYPT_TRY_VOID(write_release_metadata(target, document));
  if (notes.truncated > 0 && !flags.json) {
    std::cerr << fmt::format(
        "{} notes were longer than {} tokens and are cut (this figure stays "
        "here)\n",
        notes.truncated, flags.tokens);
  }
  if (flags.json) {
    print_json(std::cout, document);
  } else {
    std::cout << release_text(target, *release, files);
  }
  return {};
}

void add_mechanism_flags(CLI::App& command, EmbedFlags& flags) {
  command.add_option("--tokens", flags.tokens, "Every note is cut or padded to as many")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20));
  command.add_option("--clip", flags.clip, "Frobenius norm of a note's matrix")
      ->capture_default_str();
  auto* epsilon =
      command.add_option("--epsilon", flags.epsilon, "Of this release, for any pair of notes")
          ->capture_default_str();
  command
      .add_option("--noise-multiplier", flags.noise_multiplier,
                  "Instead: standard deviation of the noise over the sensitivity 2·clip")
      ->excludes(epsilon);
  command.add_option("--delta", flags.delta, "Of the account")->capture_default_str();
  command.add_option("--budget", flags.budget,
                     "Largest epsilon of all releases of these notes together; default: no limit");
}

}  // namespace

void add_embed(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "embed", "Release notes' embeddings with noise on them (DP-Forward), charged to a ledger");
  const auto flags = std::make_shared<EmbedFlags>();
  command->add_option("--model", flags->model, "A model folder, GGUF file or ollama:NAME")
      ->required();
  command->add_option("--notes", flags->notes, "The notes, a JSONL file")->required();
  command->add_option("--out", flags->out, "A new folder for the release")->required();
  command->add_option("--split", flags->split, "Which notes")
      ->capture_default_str()
      ->check(CLI::IsMember({"train", "heldout"}));
  add_mechanism_flags(*command, *flags);
  command->add_option("--ledger", flags->ledger, "Default: NOTES.ledger.sqlite");
  auto* seed_file = command->add_option("--seed-file", flags->seed_file,
                                        "The noise's secret; default: NOTES.dp_forward.seed");
  command
      ->add_flag("--forget-seed", flags->forget_seed,
                 "Keep no secret: the next release has other noise and is charged again")
      ->excludes(seed_file);
  command->add_option("--hospital", flags->hospital, "Name for the ledger; default: the notes'");
  command->add_flag("--json", flags->json, "Print what metadata.json holds");
  command->footer(
      "What is released is (epsilon, delta)-locally private by note, for any pair of notes. It is\n"
      "no statement about adapters trained on it, nor by patient: k notes of one patient compose.\n"
      "Example:\n"
      "  hippocrypt embed --model data/model --notes notes.jsonl --epsilon 8 --out release");
  command->callback([flags, &exit_code] {
    const Status status = embed(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
