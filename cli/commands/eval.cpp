// hippocrypt eval: how well a model knows a text or answers questions.

#include "cli/commands/eval.hpp"

#include "cli/commands/commands.hpp"

namespace hippocrypt::cli {

void add_eval(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("eval", "Measure a model on texts or questions");
  command->require_subcommand(1);
  add_eval_perplexity(*command, exit_code);
  add_eval_choice(*command, exit_code);
}

}  // namespace hippocrypt::cli
