// hippocrypt generate: text behind a prompt, as it comes.

#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <memory>
#include <optional>

#include "base/file.hpp"
#include "cli/commands/commands.hpp"
#include "cli/session/conversation.hpp"
#include "cli/session/model_session.hpp"
#include "cli/session/token_text.hpp"
#include "cli/support/interrupt.hpp"
#include "cli/support/line_reader.hpp"
#include "cli/support/output.hpp"
#include "model/inference/generation.hpp"

namespace hippocrypt::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t mib = std::uint64_t{1} << 20;

struct GenerateFlags {
  ModelFlags model;
  std::string prompt;
  std::string prompt_file;
  std::string message;
  bool chat = false;
  std::string system;
  std::size_t context = 4096;
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

/// What one run has cost, over all its answers.
struct Costs {
  std::size_t prompt_tokens = 0;
  model::GenerationReport sum;  ///< without sequences

  void add(const model::GenerationReport& report, std::size_t prompt) {
    prompt_tokens += prompt;
    sum.prompt_time += report.prompt_time;
    sum.step_time += report.step_time;
    sum.steps += report.steps;
    sum.stepped_tokens += report.stepped_tokens;
  }
  double seconds_per_step() const { return sum.step_time.count() / static_cast<double>(sum.steps); }
  double seconds_per_token() const {
    return sum.step_time.count() / static_cast<double>(sum.stepped_tokens);
  }
};

Json to_json(const model::GeneratedSequence& sequence, const model::Tokenizer& tokenizer) {
  return {{"text", text_of(tokenizer, sequence.tokens)},
          {"tokens", sequence.tokens},
          {"finish", to_string(sequence.reason)}};
}

void print_costs(const Costs& costs, Json outputs, const ModelSession& session) {
  const OracleSession& oracle = session.oracle();
  print_json(std::cout, {{"outputs", std::move(outputs)},
                         {"prompt_tokens", costs.prompt_tokens},
                         {"prompt_seconds", costs.sum.prompt_time.count()},
                         {"steps", costs.sum.steps},
                         {"seconds_per_step", costs.seconds_per_step()},
                         {"seconds_per_token", costs.seconds_per_token()},
                         {"bytes_up", oracle.bytes_up()},
                         {"bytes_down", oracle.bytes_down()}});
}

void print_costs(const Costs& costs, std::size_t batch, const ModelSession& session) {
  std::string line = fmt::format("\nprompt: {} tokens, {:.3f} s", costs.prompt_tokens,
                                 costs.sum.prompt_time.count());
  if (costs.sum.steps > 0) {
    line += fmt::format("; then {} tokens, {:.4f} s a token", costs.sum.stepped_tokens,
                        costs.seconds_per_token());
  }
  if (batch > 1 && costs.sum.steps > 0) {
    line += fmt::format(" ({} at a time, {:.4f} s a step)", batch, costs.seconds_per_step());
  }
  const double up = static_cast<double>(session.oracle().bytes_up()) / 1e6;
  const double down = static_cast<double>(session.oracle().bytes_down()) / 1e6;
  std::cerr << line << fmt::format("; {:.1f} MB up, {:.1f} MB down\n", up, down);
}

/// Shows the first copy's tokens as they come, unless they are to be JSON.
class Screen {
 public:
  Screen(const model::Tokenizer& tokenizer, bool quiet, const std::atomic<bool>& interrupted)
      : text_{tokenizer}, quiet_{quiet}, interrupted_{interrupted} {}
  bool show(std::size_t copy, std::uint32_t token) {
    if (copy == 0 && !quiet_) std::cout << text_.push(token) << std::flush;
    return !interrupted_.load();
  }
  void end() {
    if (!quiet_) std::cout << text_.finish() << std::endl;
  }

 private:
  TokenText text_;
  bool quiet_;
  const std::atomic<bool>& interrupted_;
};

/// All flags but those of the prompt.
struct Task {
  const GenerateFlags& flags;
  model::SamplingConfig sampling;
  const std::atomic<bool>& interrupted;

  model::GenerationOptions options(const ModelSession& session) const {
    return {.sampling = sampling,
            .seed = flags.seed,
            .max_tokens = flags.max_tokens,
            .copies = flags.batch,
            .stop = session.stop_tokens(),
            .vocab = session.bundle().tokenizer.vocab_size()};
  }
  Status end() const {
    if (interrupted.load()) return Error{Errc::cancelled, "stopped before the text's end"};
    return {};
  }
};

Status continue_prompt(const Task& task, ModelSession& session, const std::string& text) {
  const GenerateFlags& flags = task.flags;
  HIPPOCRYPT_TRY(const auto prompt, session.encode(text));
  if (prompt.empty()) return Error{Errc::invalid_config, "the prompt is empty"};
  HIPPOCRYPT_TRY(model::KvCache cache, cache_for(session, prompt.size(), flags));
  const model::Decoder decoder = session.decoder(cache.capacity_tokens());
  Screen screen{session.bundle().tokenizer, flags.json, task.interrupted};
  HIPPOCRYPT_TRY(const auto report,
                 model::generate(decoder, session.config(), cache, prompt, task.options(session),
                                 flags.cache_mib * mib, [&](std::size_t copy, std::uint32_t token) {
                                   return screen.show(copy, token);
                                 }));
  screen.end();
  Costs costs;
  costs.add(report, prompt.size());
  if (flags.json) {
    Json outputs = Json::array();
    for (const model::GeneratedSequence& sequence : report.sequences) {
      outputs.push_back(to_json(sequence, session.bundle().tokenizer));
    }
    print_costs(costs, std::move(outputs), session);
  } else {
    print_costs(costs, flags.batch, session);
  }
  return task.end();
}

/// One message, or lines of standard input until it ends.
Status converse(const Task& task, ModelSession& session) {
  const GenerateFlags& flags = task.flags;
  HIPPOCRYPT_TRY(Conversation conversation,
                 Conversation::create(session, {.system = flags.system,
                                                .max_tokens = flags.context,
                                                .cache_limit_bytes = flags.cache_mib * mib}));
  LineReader lines{STDIN_FILENO, task.interrupted};
  const bool typed = flags.chat && ::isatty(STDIN_FILENO) != 0;
  const auto next = [&]() -> std::optional<std::string> {
    if (typed) std::cerr << "> " << std::flush;
    return lines.next();
  };
  Costs costs;
  Json outputs = Json::array();
  for (auto message = flags.chat ? next() : flags.message; message;
       message = flags.chat ? next() : std::nullopt) {
    Screen screen{session.bundle().tokenizer, flags.json, task.interrupted};
    HIPPOCRYPT_TRY(const auto report,
                   conversation.answer(*message, task.options(session),
                                       [&](std::size_t copy, std::uint32_t token) {
                                         return screen.show(copy, token);
                                       }));
    screen.end();
    costs.add(report, conversation.prompt_tokens());
    outputs.push_back(to_json(report.sequences.front(), session.bundle().tokenizer));
  }
  if (flags.json) {
    print_costs(costs, std::move(outputs), session);
  } else {
    print_costs(costs, 1, session);
  }
  return task.end();
}

Status generate(const GenerateFlags& flags) {
  const bool chatting = flags.chat || !flags.message.empty();
  if (chatting && flags.batch > 1) {
    return Error{Errc::invalid_config, "--batch is for prompts, not for conversations"};
  }
  if (!chatting && !flags.system.empty()) {
    return Error{Errc::invalid_config, "--system goes with --chat or --message"};
  }
  HIPPOCRYPT_TRY(const model::SamplingConfig sampling, sampling_of(flags));
  HIPPOCRYPT_TRY(const std::string prompt, prompt_of(flags));
  const Task task{flags, sampling, install_interrupt_handler()};
  HIPPOCRYPT_TRY(const auto session, ModelSession::open(flags.model));
  return chatting ? converse(task, *session) : continue_prompt(task, *session, prompt);
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
  source->add_option("--message", flags->message, "What a user says, to models for conversations");
  source->add_flag("--chat", flags->chat, "A conversation: a message a line of standard input");
  source->require_option(1);
  command->add_option("--system", flags->system, "What the model is told before a conversation");
  command->add_option("--context", flags->context, "Room of a conversation, tokens")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
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
      "  hippocrypt generate --model model.gguf --greedy --prompt 'The patient presents with'\n"
      "  hippocrypt generate --model model.gguf --chat --oracle encrypted");
  command->callback([flags, &exit_code] {
    const Status status = generate(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
