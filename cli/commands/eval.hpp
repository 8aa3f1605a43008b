#pragma once
// The two commands below `eval`.

#include <CLI/CLI.hpp>

namespace hippocrypt::cli {

/// Perplexity on texts.
void add_eval_perplexity(CLI::App& eval, int& exit_code);
/// Accuracy on multiple-choice questions.
void add_eval_choice(CLI::App& eval, int& exit_code);

}  // namespace hippocrypt::cli
