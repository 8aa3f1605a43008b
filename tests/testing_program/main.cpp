// hippocrypt-testing: a simulation whose every secret follows from a seed and that can be killed at
// a named point; never installed. HIPPOCRYPT_KILL=who:point:round[:count] ends the process there,
// HIPPOCRYPT_KILL_ACTOR=1 only the hospital's actor, which is then started again.
//
// Usage: hippocrypt-testing CONFIG RUNS | hippocrypt-testing CONFIG --resume RUN_FOLDER, or one
// party of a real federation: hippocrypt-testing aggregator SITE [--resume RUN] | join SITE

#include <cstdio>

#include "actors/simulation.hpp"
#include "cli/config/load_config.hpp"
#include "tests/testing_program/kill_switch.hpp"
#include "tests/testing_program/roles.hpp"
#include "tests/testing_program/step_prf.hpp"

int main(int count, char** arguments) {
  using namespace hippocrypt;
  const std::vector<std::string> words(arguments + 1, arguments + count);
  if (const auto exit_code = testing_program::run_role(words)) return *exit_code;
  if (words.size() != 2 && words.size() != 3) {
    std::fprintf(stderr, "usage: hippocrypt-testing CONFIG RUNS | CONFIG --resume RUN_FOLDER\n");
    return 2;
  }
  actors::SimulationOptions options;
  auto config = cli::load_config(words[0], {});
  if (!config) {
    std::fprintf(stderr, "error: %s\n", to_string(config.error()).c_str());
    return 2;
  }
  options.config = std::move(config).value();
  if (words.size() == 3) {
    options.resume = words[2];
  } else {
    options.runs = words[1];
  }
  options.random = testing_program::prf_factory(options.config.run.seed);
  const char* kill = std::getenv("HIPPOCRYPT_KILL");
  const bool actor = std::getenv("HIPPOCRYPT_KILL_ACTOR") != nullptr;
  if (kill != nullptr) {
    const auto kill_switch = std::make_shared<testing_program::KillSwitch>(
        testing_program::parse_kill_point(kill), !actor);
    options.on_point = [kill_switch](const std::string& who, std::string_view point,
                                     std::uint64_t round) {
      kill_switch->reach(who, point, round);
    };
    options.restart_hospitals = actor;
  }
  const auto result = actors::simulate(options);
  if (!result) std::fprintf(stderr, "error: %s\n", to_string(result.error()).c_str());
  return result ? 0 : 1;
}
