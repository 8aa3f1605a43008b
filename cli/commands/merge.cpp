// hippocrypt merge: base and adapter as one model, for software that knows no adapters.

#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/commands/dtype_flag.hpp"
#include "cli/support/output.hpp"
#include "model/files/adapter_lora.hpp"
#include "model/lora_merge.hpp"
#include "model/source/write_model.hpp"

namespace hippocrypt::cli {
namespace {

struct MergeFlags {
  std::string model, adapter, out;
  std::string dtype = "f32";
  bool json = false;
};

Status merge(const MergeFlags& flags) {
  HIPPOCRYPT_TRY(const auto dtype, parse_dtype(flags.dtype));
  HIPPOCRYPT_TRY(auto bundle, model::open_model(flags.model));
  HIPPOCRYPT_TRY(const auto adapter, model::load_lora_adapter(flags.adapter, bundle.model.config));
  model::merge_adapter(adapter, bundle.model.base);
  HIPPOCRYPT_TRY(const auto text_files, model::write_model(bundle, flags.out, {.dtype = dtype}));
  if (flags.json) {
    print_json(std::cout, {{"path", flags.out},
                           {"dtype", flags.dtype},
                           {"blocks", adapter.blocks()},
                           {"matrices", adapter.blocks() * adapter.shapes().size()},
                           {"text_files", text_files}});
  } else {
    std::cout << fmt::format("{}: rank {} added to {} matrices of {} blocks, values as {}; {}\n",
                             flags.out, adapter.config().rank(), adapter.shapes().size(),
                             adapter.blocks(), flags.dtype, fmt::join(text_files, ", "));
  }
  return {};
}

}  // namespace

void add_merge(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("merge", "Write a model and an adapter as one model");
  const auto flags = std::make_shared<MergeFlags>();
  command->add_option("--model", flags->model, "The base: a folder, a GGUF file or ollama:NAME")
      ->required();
  command->add_option("--adapter", flags->adapter, "Adapter folder")->required();
  command->add_option("--out", flags->out, "Model folder to write")->required();
  command->add_option("--dtype", flags->dtype, "Of the values: f32, f16 or bf16")
      ->capture_default_str();
  command->add_flag("--json", flags->json, "Print the result as JSON");
  command->footer(
      "Example:\n"
      "  hippocrypt merge --model base --adapter run/adapter --out merged --dtype bf16");
  command->callback([flags, &exit_code] {
    const Status status = merge(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
