#include <limits>

#include "cli/config/section_reader.hpp"
#include "cli/config/sections.hpp"

namespace hippocrypt::cli {

Result<federation::RunConfig> read_run(const Document& document) {
  federation::RunConfig config;
  SectionReader reader{document, "run"};
  reader.plain_name("name", config.name);
  reader.integer("seed", config.seed, {0, std::numeric_limits<std::int64_t>::max()});
  reader.integer("rounds", config.rounds, {1, 1'000'000});
  reader.integer("steps_per_round", config.steps_per_round, {1, 1'000'000});
  HIPPOCRYPT_TRY_VOID(reader.finish());
  return config;
}

Result<federation::ServerConfig> read_server(const Document& document) {
  federation::ServerConfig config;
  SectionReader reader{document, "server"};
  reader.integer("threads", config.threads, {0, 4096});
  reader.path("hint_cache", config.hint_cache);
  HIPPOCRYPT_TRY_VOID(reader.finish());
  return config;
}

}  // namespace hippocrypt::cli
