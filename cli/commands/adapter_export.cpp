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
  std::string model, adapter, gguf, peft, architecture;
  std::string dtype = "f32";
  bool json = false;
};

/// Of the families that can be opened, only Qwen2 has biases there.
std::string architecture_of(const model::ModelConfig& config, const std::string& given) {
  if (!given.empty()) return given;
  return config->qkv_bias ? "qwen2" : "llama";
}

Status export_adapter(const ExportFlags& flags) {
  HIPPOCRYPT_TRY(const auto dtype, parse_dtype(flags.dtype));
  if (flags.gguf.empty() && flags.peft.empty()) {
    return Error{Errc::invalid_config, "nothing to write: give --gguf FILE, --peft FOLDER or both"};
  }
  HIPPOCRYPT_TRY(const auto base, model::open_weights(flags.model));
  HIPPOCRYPT_TRY(const auto adapter, model::load_lora_adapter(flags.adapter, base.config));
  const std::string architecture = architecture_of(base.config, flags.architecture);
  std::vector<std::string> written;
  if (!flags.gguf.empty()) {
    const auto name = std::filesystem::path{flags.adapter}.filename().string();
    HIPPOCRYPT_TRY_VOID(model::write_adapter_gguf(
        adapter, base.config, {.architecture = architecture, .name = name, .dtype = dtype},
        flags.gguf));
    written.push_back(flags.gguf);
  }
  if (!flags.peft.empty()) {
    HIPPOCRYPT_TRY_VOID(model::save_lora_adapter(adapter, flags.model, flags.peft));
    written.push_back(flags.peft);
  }
  const std::size_t tensors = 2 * adapter.blocks() * adapter.shapes().size();
  if (flags.json) {
    print_json(std::cout, {{"paths", written},
                           {"architecture", architecture},
                           {"rank", adapter.config().rank()},
                           {"alpha", adapter.config().alpha()},
                           {"tensors", tensors}});
  } else {
    std::cout << fmt::format("{}: adapter for {}, rank {}, alpha {:g}, {} tensors\n",
                             fmt::join(written, ", "), architecture, adapter.config().rank(),
                             adapter.config().alpha(), tensors);
  }
  return {};
}

}  // namespace

void add_adapter(CLI::App& app, int& exit_code) {
  CLI::App* group = app.add_subcommand("adapter", "Adapters in the formats of other software");
  group->require_subcommand(1);
  CLI::App* command = group->add_subcommand("export", "Write an adapter for llama.cpp or PEFT");
  const auto flags = std::make_shared<ExportFlags>();
  command->add_option("--model", flags->model, "The base: a folder, a GGUF file or ollama:NAME")
      ->required();
  command->add_option("--adapter", flags->adapter, "Adapter folder, PEFT's layout")->required();
  command->add_option("--gguf", flags->gguf, "GGUF file to write, for llama.cpp");
  command->add_option("--peft", flags->peft, "Folder to write in PEFT's layout, scale alpha/r");
  command->add_option("--dtype", flags->dtype, "Of the GGUF's values: f32 or f16")
      ->capture_default_str();
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
