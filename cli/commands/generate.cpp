// hippocrypt generate: text behind a prompt, as it comes.

#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "base/file.hpp"
#include "cli/commands/commands.hpp"
#include "cli/session/model_session.hpp"
#include "cli/session/token_text.hpp"
#include "cli/support/interrupt.hpp"
#include "cli/support/output.hpp"
#include "model/inference/generation.hpp"

namespace hippocrypt::cli {
namespace {

constexpr std::uint64_t mib = std::uint64_t{1} << 20;

struct GenerateFlags {
  ModelFlags model;
  std::string prompt;
  std::string prompt_file;
  std::size_t max_tokens = 256;
  model::SamplingLiteral sampling{.temperature = 0.8, .top_k = 40, .top_p = 0.95};
  std::uint64_t seed = 1;
  bool greedy = false;
  std::size_t batch = 1;
  std::uint64_t cache_mib = 4096;
  bool json = false;
};

Result<std::string> prompt_of(const GenerateFlags& flags) {
  if (flags.prompt_file.empty()) return flags.prompt;
  return read_text_file(flags.prompt_file, model::max_text_bytes);
}

Result<model::SamplingConfig> sampling_of(const GenerateFlags& flags) {
  model::SamplingLiteral literal = flags.sampling;
  if (flags.greedy) literal.temperature = 0.0;
  auto config = model::SamplingConfig::create(literal);
  if (!config) return Error{Errc::invalid_config, config.error().detail};
  return config;
}

/// Room for the prompt and what follows. Errors: limit_exceeded.
Result<model::KvCache> cache_for(const ModelSession& session, std::size_t prompt_tokens,
                                 const GenerateFlags& flags) {
  const std::size_t context = session.config()->max_context;
  if (prompt_tokens >= context) {
    return Error{Errc::limit_exceeded,
                 fmt::format("the prompt has {} tokens; the model takes {}, what follows included",
                             prompt_tokens, context)};
  }
  const std::size_t capacity = prompt_tokens + std::min(flags.max_tokens, context - prompt_tokens);
  return model::KvCache::create(session.config(), capacity, flags.cache_mib * mib);
}

nlohmann::ordered_json to_json(const model::GenerationReport& report, const ModelSession& session,
                               std::size_t prompt_tokens) {
  auto outputs = nlohmann::ordered_json::array();
  for (const model::GeneratedSequence& sequence : report.sequences) {
    outputs.push_back({{"text", text_of(session.bundle().tokenizer, sequence.tokens)},
                       {"tokens", sequence.tokens},
                       {"finish", to_string(sequence.reason)}});
  }
  const double steps = static_cast<double>(report.steps);
  const double stepped = static_cast<double>(report.stepped_tokens);
  return {{"outputs", std::move(outputs)},
          {"prompt_tokens", prompt_tokens},
          {"prompt_seconds", report.prompt_time.count()},
          {"steps", report.steps},
          {"seconds_per_step", report.step_time.count() / steps},
          {"seconds_per_token", report.step_time.count() / stepped},
          {"bytes_up", session.oracle().bytes_up()},
          {"bytes_down", session.oracle().bytes_down()}};
}

void print_cost(const model::GenerationReport& report, const ModelSession& session,
                std::size_t prompt_tokens) {
  std::string line =
      fmt::format("\nprompt: {} tokens, {:.3f} s", prompt_tokens, report.prompt_time.count());
  if (report.steps > 0) {
    line += fmt::format("; then {} tokens, {:.4f} s a token", report.stepped_tokens,
                        report.step_time.count() / static_cast<double>(report.stepped_tokens));
  }
  if (report.sequences.size() > 1) {
    line += fmt::format(" ({} at a time, {:.4f} s a step)", report.sequences.size(),
                        report.step_time.count() / static_cast<double>(report.steps));
  }
  const double up = static_cast<double>(session.oracle().bytes_up()) / 1e6;
  const double down = static_cast<double>(session.oracle().bytes_down()) / 1e6;
  std::cerr << line << fmt::format("; {:.1f} MB up, {:.1f} MB down\n", up, down);
}

Status generate(const GenerateFlags& flags) {
  HIPPOCRYPT_TRY(const model::SamplingConfig sampling, sampling_of(flags));
  HIPPOCRYPT_TRY(const std::string text, prompt_of(flags));
  const std::atomic<bool>& interrupted = install_interrupt_handler();
  HIPPOCRYPT_TRY(const auto session, ModelSession::open(flags.model));
  HIPPOCRYPT_TRY(const auto prompt, session->encode(text));
  if (prompt.empty()) return Error{Errc::invalid_config, "the prompt is empty"};
  HIPPOCRYPT_TRY(model::KvCache cache, cache_for(*session, prompt.size(), flags));
  const model::Decoder decoder = session->decoder(cache.capacity_tokens());
  const model::Tokenizer& tokenizer = session->bundle().tokenizer;
  TokenText shown{tokenizer};
  const auto on_token = [&](std::size_t copy, std::uint32_t token) {
    if (copy == 0 && !flags.json) std::cout << shown.push(token) << std::flush;
    return !interrupted.load();
  };
  HIPPOCRYPT_TRY(const auto report, model::generate(decoder, session->config(), cache, prompt,
                                                    {.sampling = sampling,
                                                     .seed = flags.seed,
                                                     .max_tokens = flags.max_tokens,
                                                     .copies = flags.batch,
                                                     .stop = session->stop_tokens(),
                                                     .vocab = tokenizer.vocab_size()},
                                                    flags.cache_mib * mib, on_token));
  if (flags.json) {
    print_json(std::cout, to_json(report, *session, prompt.size()));
  } else {
    std::cout << shown.finish() << std::endl;
    print_cost(report, *session, prompt.size());
  }
  if (interrupted.load()) return Error{Errc::cancelled, "stopped before the text's end"};
  return {};
}

void add_sampling_flags(CLI::App& command, GenerateFlags& flags) {
  command.add_option("--temperature", flags.sampling.temperature, "0: greedy")
      ->capture_default_str();
  command.add_option("--top-k", flags.sampling.top_k, "Draw from the k likeliest; 0: from all")
      ->capture_default_str();
  command
      .add_option("--top-p", flags.sampling.top_p,
                  "Draw from the fewest likeliest that reach this probability")
      ->capture_default_str();
  command.add_option("--seed", flags.seed, "The same seed draws the same tokens")
      ->capture_default_str();
  command.add_flag("--greedy", flags.greedy, "Always take the likeliest token");
}

}  // namespace

void add_generate(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("generate", "Continue a prompt or hold a conversation");
  const auto flags = std::make_shared<GenerateFlags>();
  add_model_flags(*command, flags->model);
  CLI::Option_group* source = command->add_option_group("prompt", "What to continue");
  source->add_option("--prompt", flags->prompt, "Text");
  source->add_option("--prompt-file", flags->prompt_file, "File of text");
  source->require_option(1);
  command->add_option("--max-tokens", flags->max_tokens, "Stop after as many")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  add_sampling_flags(*command, *flags);
  command
      ->add_option("--batch", flags->batch,
                   "Copies that are continued side by side, for measuring; the first is shown")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{4096}));
  command->add_option("--cache-mib", flags->cache_mib, "Most memory for keys and values")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 24));
  command->add_flag("--json", flags->json, "Print texts and costs as JSON at the end");
  command->footer(
      "Text goes to standard output as it comes, costs to standard error.\n"
      "Example:\n"
      "  hippocrypt generate --model model.gguf --greedy --prompt 'The patient presents with'");
  command->callback([flags, &exit_code] {
    const Status status = generate(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
