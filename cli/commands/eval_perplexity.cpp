// hippocrypt eval perplexity: how well a model predicts a text.

#include <fmt/format.h>

#include <chrono>
#include <iostream>
#include <memory>

#include "cli/commands/eval.hpp"
#include "cli/session/model_session.hpp"
#include "cli/support/interrupt.hpp"
#include "cli/support/output.hpp"
#include "cli/support/progress.hpp"
#include "model/inference/perplexity.hpp"
#include "model/inference/text_documents.hpp"

namespace hippocrypt::cli {
namespace {

struct PerplexityFlags {
  ModelFlags model;
  std::string text;
  std::size_t window = 512;
  std::size_t batch_tokens = 2048;
  bool json = false;
};

Status check(const PerplexityFlags& flags, const model::ModelConfig& config) {
  if (flags.window >= 2 && flags.window <= config->max_context) return {};
  return Error{Errc::invalid_config,
               fmt::format("--window must be 2 to {}, which the model takes", config->max_context)};
}

Result<std::vector<model::Tokens>> windows_of(const PerplexityFlags& flags,
                                              const ModelSession& session) {
  HIPPOCRYPT_TRY(const auto texts, model::read_documents(flags.text));
  std::vector<model::Tokens> documents;
  for (const std::string& text : texts) {
    HIPPOCRYPT_TRY(auto tokens, session.bundle().tokenizer.encode(text));
    documents.push_back(std::move(tokens));
  }
  auto windows = model::windows_of(documents, flags.window, session.start_token());
  if (windows.empty()) return Error{Errc::out_of_range, flags.text + ": too short to predict"};
  return windows;
}

Status evaluate(const PerplexityFlags& flags) {
  const std::atomic<bool>& interrupted = install_interrupt_handler();
  HIPPOCRYPT_TRY(const auto session, ModelSession::open(flags.model));
  HIPPOCRYPT_TRY_VOID(check(flags, session->config()));
  HIPPOCRYPT_TRY(const auto windows, windows_of(flags, *session));
  Progress progress{std::cerr, {progress_style_of_stderr(), terminal_columns()}};
  progress.begin("perplexity", windows.size());
  std::size_t shown = 0;
  const auto begin = std::chrono::steady_clock::now();
  HIPPOCRYPT_TRY(const model::PerplexityReport report,
                 model::perplexity(session->transformer(), session->adapter(), windows,
                                   flags.batch_tokens, [&](std::size_t done) {
                                     progress.advance(done - shown);
                                     shown = done;
                                     return !interrupted.load();
                                   }));
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  const double per_token = time.count() / static_cast<double>(report.tokens);
  progress.end(fmt::format("{} tokens, {:.4f} s a token", report.tokens, per_token));
  if (flags.json) {
    print_json(std::cout, {{"perplexity", report.perplexity()},
                           {"mean_nll", report.mean_nll},
                           {"tokens", report.tokens},
                           {"predicted", report.predicted},
                           {"windows", windows.size()},
                           {"window_mean_nll", report.window_mean_nll},
                           {"seconds_per_token", per_token},
                           {"bytes_up", session->oracle().bytes_up()},
                           {"bytes_down", session->oracle().bytes_down()}});
  } else {
    std::cout << fmt::format(
        "perplexity {:.4f}: {:.6f} nats a token, over {} of {} tokens in {} windows\n",
        report.perplexity(), report.mean_nll, report.predicted, report.tokens, windows.size());
  }
  return {};
}

}  // namespace

void add_eval_perplexity(CLI::App& eval, int& exit_code) {
  CLI::App* command = eval.add_subcommand("perplexity", "How well a model predicts texts");
  const auto flags = std::make_shared<PerplexityFlags>();
  add_model_flags(*command, flags->model);
  command
      ->add_option("--text", flags->text,
                   "A text, or a .jsonl file whose lines have a \"text\" each")
      ->required();
  command->add_option("--window", flags->window, "Tokens that are predicted from each other")
      ->capture_default_str();
  command
      ->add_option("--batch-tokens", flags->batch_tokens,
                   "Tokens of the windows that share a pass; at least one window does")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20));
  command->add_flag("--json", flags->json, "Print the result as JSON");
  command->footer(
      "Windows do not overlap or see each other; the first token of each is not predicted.\n"
      "Example:\n"
      "  hippocrypt eval perplexity --model model.gguf --text notes.jsonl --oracle encrypted");
  command->callback([flags, &exit_code] {
    const Status status = evaluate(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
