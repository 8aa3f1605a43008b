// hippocrypt adapter export: a LoRA adapter in the formats of other software.

#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/commands/dtype_flag.hpp"
#include "cli/support/output.hpp"
#include "model/files/adapter_gguf.hpp"
#include "model/files/adapter_lora.hpp"
#include "model/files/open_weights.hpp"

namespace hippocrypt::cli {
namespace {

struct ExportFlags {
  std::string model, adapter, gguf, architecture;
  std::string dtype = "f32";
  bool json = false;
};

Status export_adapter(const ExportFlags& flags) {
  HIPPOCRYPT_TRY(const auto dtype, parse_dtype(flags.dtype));
  HIPPOCRYPT_TRY(const auto base, model::open_weights(flags.model));
  HIPPOCRYPT_TRY(const auto adapter, model::load_lora_adapter(flags.adapter, base.config));
  // Of the families that can be opened, only Qwen2 has biases there.
  const std::string architecture = !flags.architecture.empty()
                                       ? flags.architecture
                                       : std::string{base.config->qkv_bias ? "qwen2" : "llama"};
  const auto name = std::filesystem::path{flags.adapter}.filename().string();
  HIPPOCRYPT_TRY_VOID(model::write_adapter_gguf(
      adapter, base.config, {.architecture = architecture, .name = name, .dtype = dtype},
      flags.gguf));
  const std::size_t tensors = 2 * adapter.blocks() * adapter.shapes().size();
  if (flags.json) {
    print_json(std::cout, {{"path", flags.gguf},
                           {"architecture", architecture},
                           {"rank", adapter.config().rank()},
                           {"alpha", adapter.config().alpha()},
                           {"tensors", tensors},
                           {"dtype", flags.dtype}});
  } else {
    std::cout << fmt::format("{}: adapter for {}, rank {}, alpha {:g}, {} tensors as {}\n",
                             flags.gguf, architecture, adapter.config().rank(),
                             adapter.config().alpha(), tensors, flags.dtype);
  }
  return {};
}

}  // namespace

void add_adapter(CLI::App& app, int& exit_code) {
  CLI::App* group = app.add_subcommand("adapter", "Adapters in the formats of other software");
  group->require_subcommand(1);
  CLI::App* command = group->add_subcommand("export", "Write an adapter for llama.cpp (GGUF)");
  const auto flags = std::make_shared<ExportFlags>();
  command->add_option("--model", flags->model, "The base: a folder, a GGUF file or ollama:NAME")
      ->required();
  command->add_option("--adapter", flags->adapter, "Adapter folder, PEFT's layout")->required();
  command->add_option("--gguf", flags->gguf, "File to write")->required();
  command->add_option("--dtype", flags->dtype, "Of the values: f32 or f16")->capture_default_str();
  command->add_option("--architecture", flags->architecture,
                      "general.architecture of the base's GGUF: llama or qwen2 (default: by the "
                      "model)");
  command->add_flag("--json", flags->json, "Print the result as JSON");
  command->footer(
      "Example:\n"
      "  hippocrypt adapter export --model base.gguf --adapter run/adapter --gguf adapter.gguf\n"
      "  llama-cli -m base.gguf --lora adapter.gguf");
  command->callback([flags, &exit_code] {
    const Status status = export_adapter(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
