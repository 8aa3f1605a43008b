// hippocrypt attack: what breaks the parts that only obfuscate.

#include "cli/commands/attack.hpp"

#include "cli/commands/commands.hpp"

namespace hippocrypt::cli {

void add_attack(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("attack", "Attack what only obfuscates, and say how much was recovered");
  command->require_subcommand(1);
  add_attack_token_cipher(*command, exit_code);
}

}  // namespace hippocrypt::cli
