#include "cli/session/model_flags.hpp"

#include <algorithm>
#include <array>

#include "base/parallel.hpp"
#include "crypto/core/params.hpp"

namespace hippocrypt::cli {
namespace {

using federation::OracleKind;

constexpr std::array kinds{OracleKind::plain_fp32, OracleKind::plain_int8, OracleKind::encrypted,
                           OracleKind::encrypted_lwe};
/// The scalar scheme's answers take 4 KB a value.
constexpr std::uint32_t scalar_tile_tokens = 64;
constexpr std::uint32_t most_threads = 1024;
constexpr std::uint32_t most_pad_mib = 1 << 20;

Result<OracleKind> oracle_kind(const std::string& name) {
  for (const OracleKind kind : kinds) {
    if (name == federation::to_string(kind)) return kind;
  }
  return Error{Errc::invalid_config,
               "--oracle must be plain-fp32, plain-int8, encrypted or encrypted-lwe, not " + name};
}

}  // namespace

void add_model_flags(CLI::App& command, ModelFlags& flags) {
  command.add_option("--model", flags.model, "Hugging Face folder, GGUF file or ollama:NAME")
      ->required();
  command.add_option("--adapter", flags.adapter, "Folder of a LoRA adapter; default: none");
  command
      .add_option("--oracle", flags.oracle,
                  "Who multiplies by the model's matrices: plain-fp32, plain-int8, encrypted or "
                  "encrypted-lwe. The encrypted ones send only the tokens that there are, so their "
                  "traffic shows how many, though nothing about them")
      ->capture_default_str();
  command.add_option("--params", flags.params, "Of the encryption: rlwe2048 or rlwe1024")
      ->capture_default_str();
  command.add_flag("--blind-head", flags.blind_head,
                   "The oracle multiplies by the output head too: less work here, more traffic");
  command.add_option("--hint-cache", flags.hint_cache, "Folder that keeps hints between runs");
  command.add_option("--pad-mib", flags.pad_mib, "MiB of encryption pads made ahead")
      ->capture_default_str()
      ->check(CLI::Range(std::uint32_t{0}, most_pad_mib));
  command.add_option("--threads", flags.threads, "0: as many as the machine has")
      ->capture_default_str()
      ->check(CLI::Range(std::uint32_t{0}, most_threads));
}

std::size_t threads_of(const ModelFlags& flags) {
  return flags.threads > 0 ? flags.threads : machine_threads();
}

Result<OracleSession::Options> oracle_options(const ModelFlags& flags) {
  OracleSession::Options options;
  HIPPOCRYPT_TRY(options.encryption.oracle, oracle_kind(flags.oracle));
  options.encryption.params = flags.params;
  options.encryption.blind_head = flags.blind_head;
  options.encryption.pad_mib = flags.pad_mib;
  const Result<crypto::Params> params = federation::params_of(options.encryption);
  if (!params) {
    return Error{Errc::invalid_config,
                 "--params must be rlwe2048 or rlwe1024, not " + flags.params};
  }
  options.encryption.tile_tokens = options.encryption.oracle == OracleKind::encrypted_lwe
                                       ? scalar_tile_tokens
                                       : static_cast<std::uint32_t>(params->ring_dim());
  options.server.threads = flags.threads;
  options.server.hint_cache = flags.hint_cache;
  options.client_threads = threads_of(flags);
  options.spec = flags.model;
  return options;
}

}  // namespace hippocrypt::cli
