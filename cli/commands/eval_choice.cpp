// hippocrypt eval choice: how many multiple-choice questions a model answers.

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "cli/commands/eval.hpp"
#include "cli/session/model_session.hpp"
#include "cli/support/interrupt.hpp"
#include "cli/support/output.hpp"
#include "cli/support/progress.hpp"
#include "cli/support/text_table.hpp"
#include "model/inference/choice.hpp"
#include "model/inference/confidence.hpp"
#include "model/inference/question_file.hpp"

namespace hippocrypt::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ChoiceFlags {
  ModelFlags model;
  std::string data;
  std::string format = "auto";
  std::string by = "mean";
  std::size_t limit = 0;
  std::size_t batch_tokens = 2048;
  bool json = false;
};

Result<std::vector<model::Question>> questions_of(const ChoiceFlags& flags) {
  HIPPOCRYPT_TRY(const model::QuestionFormat format, model::question_format(flags.format));
  HIPPOCRYPT_TRY(auto questions, model::read_questions(flags.data, format));
  if (flags.limit > 0 && flags.limit < questions.size()) questions.resize(flags.limit);
  return questions;
}

Json to_json(const model::Tally& tally) {
  const model::Interval interval = model::wilson_interval(tally.right, tally.total);
  return {{"accuracy", tally.accuracy()},
          {"low", interval.low},
          {"high", interval.high},
          {"right", tally.right},
          {"questions", tally.total}};
}

std::string text_of(const model::Tally& tally) {
  const model::Interval interval = model::wilson_interval(tally.right, tally.total);
  return fmt::format("{:.1f} % ({:.1f} to {:.1f})", 100.0 * tally.accuracy(), 100.0 * interval.low,
                     100.0 * interval.high);
}

void print(const ChoiceFlags& flags, const std::vector<model::Question>& questions,
           const std::vector<model::ScoredQuestion>& scored, const OracleSession& oracle) {
  const bool by_mean = flags.by == "mean";
  const auto sum = model::tally(questions, scored, model::ChoiceBy::sum);
  const auto mean = model::tally(questions, scored, model::ChoiceBy::mean);
  const model::ChoiceTally& decided = by_mean ? mean : sum;
  const auto cut = static_cast<std::size_t>(
      std::count_if(scored.begin(), scored.end(), [](const auto& one) { return one.cut; }));
  if (flags.json) {
    Json document = to_json(decided.overall);
    document["decided_by"] = flags.by;
    document["accuracy_by_sum"] = sum.overall.accuracy();
    document["accuracy_by_mean"] = mean.overall.accuracy();
    document["cut"] = cut;
    document["subjects"] = Json::object();
    for (const auto& [name, tally] : decided.subjects) document["subjects"][name] = to_json(tally);
    document["bytes_up"] = oracle.bytes_up();
    document["bytes_down"] = oracle.bytes_down();
    print_json(std::cout, document);
    return;
  }
  TextTable table{
      {{"subject"}, {"questions", Align::right}, {"right", Align::right}, {"accuracy (95 %)"}}};
  const auto row = [&](const std::string& name, const model::Tally& tally) {
    table.add_row({name, std::to_string(tally.total), std::to_string(tally.right), text_of(tally)});
  };
  for (const auto& [name, tally] : decided.subjects) row(name, tally);
  row("all", decided.overall);
  std::cout << table.str()
            << fmt::format(
                   "decided by the {} log-likelihood of the options' tokens; by the {}: {}\n",
                   by_mean ? "mean" : "summed", by_mean ? "sum" : "mean",
                   text_of((by_mean ? sum : mean).overall));
  if (cut > 0) std::cout << fmt::format("{} questions lost their beginning to the context\n", cut);
}

Status evaluate(const ChoiceFlags& flags) {
  HIPPOCRYPT_TRY(const auto questions, questions_of(flags));
  const std::atomic<bool>& interrupted = install_interrupt_handler();
  HIPPOCRYPT_TRY(const auto session, ModelSession::open(flags.model));
  const model::Decoder decoder = session->decoder(session->config()->max_context);
  Progress progress{std::cerr, {progress_style_of_stderr(), terminal_columns()}};
  progress.begin("choice", questions.size());
  std::size_t shown = 0;
  HIPPOCRYPT_TRY(const auto scored,
                 model::score_questions(
                     decoder, session->config(), questions,
                     [&](std::string_view text) { return session->encode(text); },
                     {.batch_tokens = flags.batch_tokens},
                     [&](std::size_t done) {
                       progress.advance(done - shown);
                       shown = done;
                       return !interrupted.load();
                     }));
  progress.end(fmt::format("{} questions", questions.size()));
  print(flags, questions, scored, session->oracle());
  return {};
}

}  // namespace

void add_eval_choice(CLI::App& eval, int& exit_code) {
  CLI::App* command =
      eval.add_subcommand("choice", "How many multiple-choice questions it answers");
  const auto flags = std::make_shared<ChoiceFlags>();
  add_model_flags(*command, flags->model);
  command->add_option("--data", flags->data, "JSON Lines of questions")->required();
  command
      ->add_option("--format", flags->format,
                   "medqa, pubmedqa or medmcqa; auto: as the first question's keys say")
      ->capture_default_str();
  command
      ->add_option("--by", flags->by,
                   "What decides: the mean log-likelihood of an option's tokens, or the sum")
      ->capture_default_str()
      ->check(CLI::IsMember({"mean", "sum"}));
  command->add_option("--limit", flags->limit, "Only the first questions; 0: all")
      ->capture_default_str();
  command
      ->add_option("--batch-tokens", flags->batch_tokens,
                   "Tokens of the questions that share a pass; at least one question does")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20));
  command->add_flag("--json", flags->json, "Print the result as JSON");
  command->footer(
      "Nothing is generated: each option is scored as the answer to the question.\n"
      "Example:\n"
      "  hippocrypt eval choice --model model.gguf --data data/questions/medical.jsonl");
  command->callback([flags, &exit_code] {
    const Status status = evaluate(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
