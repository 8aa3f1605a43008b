// hippocrypt pretrain: a small Llama from random weights, in plaintext, on notes that are nobody's.

#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/support/output.hpp"
#include "cli/support/progress.hpp"
#include "model/files/hf_model.hpp"
#include "model/plain_oracle.hpp"
#include "model/pretrain.hpp"
#include "model/tokenizer/tokenizer_json.hpp"
#include "model/transformer.hpp"
#include "notes/note_file.hpp"

namespace hippocrypt::cli {
namespace {

struct PretrainFlags {
  std::vector<std::string> notes;
  std::string tokenizer;
  std::string out;
  model::ModelLiteral shape{.hidden = 128,
                            .blocks = 4,
                            .heads = 4,
                            .kv_heads = 2,
                            .head_dim = 0,
                            .ffn = 384,
                            .max_context = 256};
  model::PretrainOptions options;
  bool untied = false;
  bool json = false;
};

struct Corpus {
  std::vector<std::vector<std::uint32_t>> train, heldout;
  std::size_t train_tokens = 0;
};

Result<Corpus> read_corpus(const PretrainFlags& flags, const model::Tokenizer& tokenizer,
                           model::TokenId bos, model::TokenId eos) {
  Corpus corpus;
  for (const auto& path : flags.notes) {
    HIPPOCRYPT_TRY(const auto file, notes::read_notes(path));
    for (const auto& note : file.notes) {
      HIPPOCRYPT_TRY(const auto ids, tokenizer.encode(notes::whole_text(note)));
      std::vector<std::uint32_t> sequence{bos};
      sequence.insert(sequence.end(), ids.begin(), ids.end());
      sequence.push_back(eos);
      sequence.resize(std::min(sequence.size(), flags.shape.max_context));
      const bool train = note.split == notes::Split::train;
      if (train) corpus.train_tokens += sequence.size();
      (train ? corpus.train : corpus.heldout).push_back(std::move(sequence));
    }
  }
  return corpus;
}

/// Mean nats a token over the patients that training has not seen; NaN without any.
Result<double> heldout_loss(const model::Model& trained, const Corpus& corpus) {
  model::PlainFp32Oracle oracle{trained.base, 2};
  const model::Transformer transformer{trained.config, trained.client, oracle};
  double sum = 0;
  std::size_t predicted = 0;
  for (std::size_t next = 0; next < corpus.heldout.size();) {
    model::Batch batch;
    while (next < corpus.heldout.size() && batch.tokens.size() < 4096) {
      model::append_sequence(batch, corpus.heldout[next++], 1);
    }
    HIPPOCRYPT_TRY(const auto report, transformer.evaluate(batch, nullptr));
    sum += report.weighted_nll;
    predicted += report.predicted;
  }
  return sum / static_cast<double>(predicted);
}

Status pretrain(PretrainFlags flags) {
  HIPPOCRYPT_TRY(const auto tokenizer, model::read_tokenizer_json(flags.tokenizer));
  const auto bos = tokenizer.special("<|bos|>");
  const auto eos = tokenizer.special("<|eos|>");
  if (!bos || !eos) {
    return Error{Errc::invalid_config,
                 flags.tokenizer +
                     ": needs the special tokens <|bos|> and <|eos|>; `hippocrypt "
                     "train-tokenizer` makes them"};
  }
  flags.shape.vocab = tokenizer.vocab_size();
  flags.shape.tied_head = !flags.untied;
  auto config = model::ModelConfig::create(flags.shape);
  if (!config) return Error{Errc::invalid_config, config.error().detail};
  HIPPOCRYPT_TRY(const Corpus corpus, read_corpus(flags, tokenizer, *bos, *eos));
  Progress progress{std::cerr, {progress_style_of_stderr(), terminal_columns()}};
  bool started = false;
  model::PretrainProgress last{};
  const auto on_progress = [&](const model::PretrainProgress& event) {
    if (!started) progress.begin("pretrain", event.steps);
    started = true;
    last = event;
    progress.advance(
        1, fmt::format("loss {:.3f}, {:.0f} tokens/s", event.loss, event.tokens_per_second));
    if (event.step % 100 == 0) {
      progress.note(fmt::format("step {}: loss {:.4f}, {:.0f} tokens/s", event.step, event.loss,
                                event.tokens_per_second));
    }
  };
  HIPPOCRYPT_TRY(const auto trained,
                 model::pretrain(*config, corpus.train, flags.options, on_progress));
  progress.end(fmt::format("loss {:.4f}", last.loss));
  HIPPOCRYPT_TRY(const double heldout, heldout_loss(trained, corpus));
  HIPPOCRYPT_TRY_VOID(model::save_model_folder(trained, flags.out, {.tokens = {*bos, *eos}}));
  HIPPOCRYPT_TRY_VOID(
      model::write_tokenizer_json(tokenizer, std::filesystem::path{flags.out} / "tokenizer.json"));
  if (flags.json) {
    print_json(std::cout, {{"path", flags.out},
                           {"sequences", corpus.train.size()},
                           {"tokens", corpus.train_tokens},
                           {"steps", last.steps},
                           {"loss", last.loss},
                           {"heldout_loss", heldout}});
  } else {
    std::cout << fmt::format("{}: {} tokens in {} steps, loss {:.4f}, held-out loss {:.4f}\n",
                             flags.out, corpus.train_tokens, last.steps, last.loss, heldout);
  }
  return {};
}

void add_shape_options(CLI::App& command, model::ModelLiteral& shape) {
  command.add_option("--hidden", shape.hidden, "Width")->capture_default_str();
  command.add_option("--blocks", shape.blocks, "Transformer blocks")->capture_default_str();
  command.add_option("--heads", shape.heads, "Query heads")->capture_default_str();
  command.add_option("--kv-heads", shape.kv_heads, "Key and value heads")->capture_default_str();
  command.add_option("--ffn", shape.ffn, "Width of gate and up")->capture_default_str();
  command.add_option("--context", shape.max_context, "Longest sequence, tokens")
      ->capture_default_str();
}

}  // namespace

void add_pretrain(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "pretrain", "Pretrain a small Llama in plaintext on notes without patients");
  const auto flags = std::make_shared<PretrainFlags>();
  command->add_option("--notes", flags->notes, "JSON Lines of notes; repeatable")->required();
  command->add_option("--tokenizer", flags->tokenizer, "tokenizer.json")->required();
  command->add_option("--out", flags->out, "Model folder to write")->required();
  add_shape_options(*command, flags->shape);
  command->add_flag("--untied", flags->untied, "Give the output head weights of its own");
  auto& options = flags->options;
  command->add_option("--epochs", options.epochs, "Passes over the notes")->capture_default_str();
  command->add_option("--steps", options.steps, "Steps; over --epochs when above 0");
  command->add_option("--batch-tokens", options.batch_tokens, "Tokens of a step")
      ->capture_default_str();
  command->add_option("--learning-rate", options.learning_rate, "Peak")->capture_default_str();
  command->add_option("--threads", options.threads, "Does not change the result")
      ->capture_default_str();
  command->add_option("--seed", options.seed, "Of the weights and the order")
      ->capture_default_str();
  command->add_flag("--json", flags->json, "Print the result as JSON");
  command->footer(
      "Example:\n"
      "  hippocrypt pretrain --notes notes.jsonl --tokenizer tokenizer.json --out model");
  command->callback([flags, &exit_code] {
    const Status status = pretrain(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
