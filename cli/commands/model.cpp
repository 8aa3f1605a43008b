// hippocrypt model inspect | smooth | client-part: what a model is, the same model easier to round
// to int8, and what a hospital needs of it beside a blind server.

#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "base/file.hpp"
#include "cli/commands/commands.hpp"
#include "cli/commands/dtype_flag.hpp"
#include "cli/commands/model_inspect.hpp"
#include "cli/session/hospital_part.hpp"
#include "cli/support/output.hpp"
#include "federation/common/federation_config.hpp"
#include "model/plain_oracle.hpp"
#include "model/smoothing.hpp"
#include "model/source/write_model.hpp"
#include "model/transformer.hpp"

namespace hippocrypt::cli {
namespace {

/// Text to measure activations on; what is longer is cut, as the mean square settles long before.
constexpr std::size_t max_measured_bytes = std::size_t{16} << 20;
constexpr std::size_t max_measured_tokens = 8192;

struct InspectFlags {
  std::string model;
  bool blocks = false;
  bool json = false;
};

struct SmoothFlags {
  std::string model, out, text;
  std::string dtype = "f32";
  double strength = 0.5;
  std::size_t window = 512;
  bool json = false;
};

struct PartFlags {
  std::string model, out;
  std::size_t exact_channels = federation::EncryptionConfig{}.exact_channels;
  bool json = false;
};

Status inspect(const InspectFlags& flags) {
  HIPPOCRYPT_TRY(const auto bundle, model::open_model(flags.model));
  HIPPOCRYPT_TRY(const auto reports, report_matrices(bundle.model));
  if (flags.json) {
    print_json(std::cout, inspection_json(bundle, reports));
  } else {
    std::cout << inspection_text(bundle, reports, flags.blocks);
  }
  return {};
}

/// Runs windows of the text through the model and measures what its norms give.
Result<model::ChannelMagnitudes> measure(const model::ModelBundle& bundle,
                                         const SmoothFlags& flags) {
  HIPPOCRYPT_TRY(const std::string text, read_text_file(flags.text, max_measured_bytes));
  HIPPOCRYPT_TRY(auto ids, bundle.tokenizer.encode(text));
  ids.resize(std::min(ids.size(), max_measured_tokens));
  if (ids.empty()) return Error{Errc::malformed, flags.text + ": there is no text to measure on"};
  const model::Model& model = bundle.model;
  model::ChannelMagnitudes magnitudes{model.config};
  model::PlainFp32Oracle exact{model.base, 2};
  model::MeasuringOracle oracle{exact, magnitudes};
  const model::Transformer transformer{model.config, model.client, oracle};
  const std::size_t window = std::min(flags.window, model.config->max_context);
  for (std::size_t at = 0; at < ids.size(); at += window) {
    const std::size_t count = std::min(window, ids.size() - at);
    model::Batch batch;
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(at);
    model::append_sequence(batch, {begin, begin + static_cast<std::ptrdiff_t>(count)}, 1);
    HIPPOCRYPT_TRY_VOID(transformer.logits(batch, nullptr, model::LogitPositions::last));
  }
  return magnitudes;
}

Status smooth(const SmoothFlags& flags) {
  HIPPOCRYPT_TRY(const auto dtype, parse_dtype(flags.dtype));
  if (flags.window == 0) return Error{Errc::invalid_config, "--window must be at least 1"};
  HIPPOCRYPT_TRY(auto bundle, model::open_model(flags.model));
  HIPPOCRYPT_TRY(const auto before, report_matrices(bundle.model));
  std::optional<model::ChannelMagnitudes> magnitudes;
  if (!flags.text.empty()) {
    HIPPOCRYPT_TRY(magnitudes, measure(bundle, flags));
  }
  HIPPOCRYPT_TRY_VOID(
      model::smooth_model(bundle.model, flags.strength, magnitudes ? &*magnitudes : nullptr));
  HIPPOCRYPT_TRY(const auto after, report_matrices(bundle.model));
  HIPPOCRYPT_TRY_VOID(model::write_model(bundle, flags.out, {.dtype = dtype}));
  const double error_before = summarise(before).relative_frobenius;
  const double error_after = summarise(after).relative_frobenius;
  if (flags.json) {
    print_json(std::cout, {{"path", flags.out},
                           {"strength", flags.strength},
                           {"relative_frobenius_before", error_before},
                           {"relative_frobenius_after", error_after}});
  } else {
    std::cout << fmt::format(
        "{}: int8 error {:.5f} of the weights, {:.5f} before; the same function of its input. "
        "Adapters of the original do not fit it\n",
        flags.out, error_after, error_before);
  }
  return {};
}

Status write_part(const PartFlags& flags) {
  HIPPOCRYPT_TRY(const auto bundle, model::open_model(flags.model));
  HIPPOCRYPT_TRY(const auto part, make_hospital_part(bundle.model, flags.exact_channels, 2));
  HIPPOCRYPT_TRY(const auto texts, model::write_hospital_part(bundle, part, flags.out));
  std::uint64_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator{flags.out}) bytes += file.file_size();
  if (flags.json) {
    print_json(std::cout, {{"out", flags.out},
                           {"bytes", bytes},
                           {"exact_channels", part.exact_channels},
                           {"weights", to_hex(part.weights)},
                           {"text_files", texts}});
    return {};
  }
  std::cout << fmt::format(
      "wrote {}: {:.1f} MB, {} exact channels of each matrix and none of the frozen weights\n",
      flags.out, static_cast<double>(bytes) / 1e6, part.exact_channels);
  return {};
}

template <class Flags>
void run_with(CLI::App* command, const std::shared_ptr<Flags>& flags, int& exit_code,
              Status (*work)(const Flags&)) {
  command->callback([flags, work, &exit_code] {
    const Status status = work(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

void add_inspect(CLI::App& group, int& exit_code) {
  CLI::App* command =
      group.add_subcommand("inspect", "Show a model's shape, its costs and its int8 error");
  const auto flags = std::make_shared<InspectFlags>();
  command->add_option("model", flags->model, "A folder, a GGUF file or ollama:NAME")->required();
  command->add_flag("--blocks", flags->blocks, "Errors of every block, not only of every group");
  command->add_flag("--json", flags->json, "Print the result as JSON");
  command->footer("Example:\n  hippocrypt model inspect model.gguf");
  run_with(command, flags, exit_code, inspect);
}

void add_smooth(CLI::App& group, int& exit_code) {
  CLI::App* command = group.add_subcommand(
      "smooth",
      "Even out the input channels of qkv and gate_up; the model stays the same function");
  const auto flags = std::make_shared<SmoothFlags>();
  command->add_option("model", flags->model, "A folder, a GGUF file or ollama:NAME")->required();
  command->add_option("out", flags->out, "Model folder to write")->required();
  command->add_option("--strength", flags->strength, "0 does nothing, 1 evens out wholly")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--text", flags->text,
                      "Public text: channels that carry much there get finer steps");
  command->add_option("--window", flags->window, "Tokens of one window of the text")
      ->capture_default_str();
  command->add_option("--dtype", flags->dtype, "Of the values: f32, f16 or bf16")
      ->capture_default_str();
  command->add_flag("--json", flags->json, "Print the result as JSON");
  command->footer("Example:\n  hippocrypt model smooth model.gguf smoothed --text public.txt");
  run_with(command, flags, exit_code, smooth);
}

void add_client_part(CLI::App& group, int& exit_code) {
  CLI::App* command = group.add_subcommand(
      "client-part", "Write what a hospital needs of a model whose matrices a blind server holds");
  const auto flags = std::make_shared<PartFlags>();
  command->add_option("model", flags->model, "A folder, a GGUF file or ollama:NAME")->required();
  command->add_option("out", flags->out, "Folder to write")->required();
  command
      ->add_option("--exact-channels", flags->exact_channels,
                   "Channels of each matrix kept exact: the federation's encryption.exact_channels")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  command->add_flag("--json", flags->json, "Print the result as JSON");
  command->footer("Example:\n  hippocrypt model client-part model hospital-model");
  run_with(command, flags, exit_code, write_part);
}

}  // namespace

void add_model(CLI::App& app, int& exit_code) {
  CLI::App* group =
      app.add_subcommand("model", "Inspect a model, or prepare it for int8 or for a hospital");
  group->require_subcommand(1);
  add_inspect(*group, exit_code);
  add_smooth(*group, exit_code);
  add_client_part(*group, exit_code);
}

}  // namespace hippocrypt::cli
