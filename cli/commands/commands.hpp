#pragma once
// The program's commands. Each function adds one subcommand with its flags, help and examples; when
// that command was chosen, parsing runs it and `exit_code` says how it ended. To add a command,
// declare it here and name it in the table of main.cpp.

#include <CLI/CLI.hpp>

namespace hippocrypt::cli {

/// Runs a federation in this process.
void add_simulate(CLI::App& app, int& exit_code);
/// Writes adapters in the formats of other software.
void add_adapter(CLI::App& app, int& exit_code);
/// Attacks what only obfuscates.
void add_attack(CLI::App& app, int& exit_code);
/// Tests what a run does against what it claims.
void add_audit(CLI::App& app, int& exit_code);
/// Shows what a run has spent.
void add_budget(CLI::App& app, int& exit_code);
/// Substitutes token ids under a key.
void add_cipher(CLI::App& app, int& exit_code);
/// Releases notes' embeddings with noise on them.
void add_embed(CLI::App& app, int& exit_code);
/// Masks what identifies patients in notes.
void add_deidentify(CLI::App& app, int& exit_code);
/// Measures a model on texts or questions.
void add_eval(CLI::App& app, int& exit_code);
/// Continues a prompt.
void add_generate(CLI::App& app, int& exit_code);
/// Takes part in a real federation as a hospital.
void add_join(CLI::App& app, int& exit_code);
/// Verifies, shows and exports privacy ledgers.
void add_ledger(CLI::App& app, int& exit_code);
/// Writes a model and an adapter as one model.
void add_merge(CLI::App& app, int& exit_code);
/// Inspects a model, or prepares it for int8.
void add_model(CLI::App& app, int& exit_code);
/// Foresees what a run will cost.
void add_plan(CLI::App& app, int& exit_code);
/// Checks that a party is ready.
void add_preflight(CLI::App& app, int& exit_code);
/// Trains a small model from random weights.
void add_pretrain(CLI::App& app, int& exit_code);
/// Makes the certificates of a federation.
void add_provision(CLI::App& app, int& exit_code);
/// Writes a run as one HTML page.
void add_report(CLI::App& app, int& exit_code);
/// Lists runs.
void add_runs(CLI::App& app, int& exit_code);
/// Writes synthetic notes.
void add_synth(CLI::App& app, int& exit_code);
/// Fine-tunes an adapter at one hospital.
void add_train(CLI::App& app, int& exit_code);
/// Learns a byte-pair tokenizer from notes.
void add_train_tokenizer(CLI::App& app, int& exit_code);

}  // namespace hippocrypt::cli
