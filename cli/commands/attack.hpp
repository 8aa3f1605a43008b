#pragma once
// The parts of `hippocrypt attack`.

#include <CLI/CLI.hpp>

namespace hippocrypt::cli {

void add_attack_token_cipher(CLI::App& attack, int& exit_code);

}  // namespace hippocrypt::cli
