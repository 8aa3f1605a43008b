#pragma once
// The flags of every command that asks a model something.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "cli/session/oracle_session.hpp"

namespace hippocrypt::cli {

struct ModelFlags {
  std::string model;
  std::string adapter;  ///< folder; empty: none
  std::string oracle = "plain-fp32";
  std::string params = "rlwe2048";
  std::string hint_cache;
  bool blind_head = false;
  std::uint32_t pad_mib = 0;
  std::uint32_t threads = 0;  ///< 0: as many as the machine has
};

/// --model, --adapter, --oracle, --params, --blind-head, --hint-cache, --pad-mib, --threads.
void add_model_flags(CLI::App& command, ModelFlags& flags);

/// What the flags say about the oracle, with tiles as large as it takes. Errors: invalid_config (an
/// oracle or parameters that do not exist).
Result<OracleSession::Options> oracle_options(const ModelFlags& flags);

/// At least 1.
std::size_t threads_of(const ModelFlags& flags);

}  // namespace hippocrypt::cli
