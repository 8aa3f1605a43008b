#include "benchmarks/options.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

namespace hippocrypt::bench {
namespace {

constexpr int most_threads = 256;
constexpr double most_seconds = 3600;

Error refuse(const std::string& sentence) {
  return Error{Errc::invalid_config, sentence + "; see --help"};
}

template <class Number>
std::optional<Number> parse(const std::string& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_section(const std::string& name) {
  return std::find(std::begin(section_names), std::end(section_names), name) !=
         std::end(section_names);
}

bool takes_value(const std::string& name) {
  const auto names = {"--threads", "--seconds", "--commit", "--model", "--hint-cache"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// An option that takes a value.
Status set_value(Options& options, const std::string& name, const std::string& value) {
  if (name == "--commit") {
    options.commit = value;
  } else if (name == "--model") {
    options.model = value;
  } else if (name == "--hint-cache") {
    options.hint_cache = value;
  } else if (name == "--threads") {
    const auto threads = parse<int>(value);
    if (!threads || *threads < 1 || *threads > most_threads) {
      return refuse("--threads takes a whole number from 1 to " + std::to_string(most_threads) +
                    ", not '" + value + "'");
    }
    options.threads = *threads;
  } else {
    const auto seconds = parse<double>(value);
    if (!seconds || !(*seconds > 0) || *seconds > most_seconds) {
      return refuse("--seconds takes a number above 0 and up to 3600, not '" + value + "'");
    }
    options.seconds = *seconds;
  }
  return {};
}

}  // namespace

const char* const usage =
    "usage: hippocrypt-bench [product] [ntt] [client] [hints] [lora_step] [dp_step] [dp_step_135m] "
    "[small_batch] [rounds] [tokenizer] [secagg]\n"
    "                        [link] [compare] [shape_1b] [--json] [--threads N] [--seconds S] "
    "[--model "
    "MODEL]\n"
    "                        [--hint-cache FOLDER] [--one-level] [--return-memory] [--commit "
    "HASH]\n"
    "scripts/bench --help explains them.\n";

Result<Options> parse_options(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--json") {
      options.json = true;
    } else if (argument == "--one-level") {
      options.one_level = true;
    } else if (argument == "--return-memory") {
      options.keep_memory = false;
    } else if (argument == "--help" || argument == "-h") {
      options.help = true;
    } else if (takes_value(argument)) {
      if (++i == arguments.size()) return refuse(argument + " needs a value");
      HIPPOCRYPT_TRY_VOID(set_value(options, argument, arguments[i]));
    } else if (is_section(argument)) {
      options.sections.push_back(argument);
    } else {
      return refuse("'" + argument + "' is neither a benchmark nor an option");
    }
  }
  if (options.sections.empty()) {
    for (const char* const name : section_names) {
      if (name != std::string{on_demand_section}) options.sections.emplace_back(name);
    }
  }
  return options;
}

}  // namespace hippocrypt::bench
