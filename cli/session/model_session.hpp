#pragma once
// A model at work: what its user named, opened, with an oracle for its matrices.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cli/session/model_flags.hpp"
#include "cli/session/oracle_session.hpp"
#include "model/decoder.hpp"
#include "model/lora_adapter.hpp"
#include "model/source/open_model.hpp"
#include "model/transformer.hpp"

namespace hippocrypt::cli {

class ModelSession {
 public:
  /// The oracle's products are of as many tokens as there are. Errors: invalid_config (a flag),
  /// those of open_model, load_lora_adapter and OracleSession::create.
  static Result<std::unique_ptr<ModelSession>> open(const ModelFlags& flags);
  ModelSession(const ModelSession&) = delete;
  ModelSession& operator=(const ModelSession&) = delete;

  const model::ModelConfig& config() const { return bundle_.model.config; }
  const model::ModelBundle& bundle() const { return bundle_; }
  /// Null without one.
  const model::LoraAdapter* adapter() const { return adapter_ ? &*adapter_ : nullptr; }
  const OracleSession& oracle() const { return *oracle_; }

  /// The views below must not outlive the session.
  model::Transformer transformer();
  /// For sequences of up to `positions` tokens.
  model::Decoder decoder(std::size_t positions);

  /// The ids of a text as the model expects them at the start of a sequence. Errors: those of
  /// Tokenizer::encode.
  Result<std::vector<std::uint32_t>> encode(std::string_view text) const;
  /// The token that the model expects before every text, if any.
  std::optional<std::uint32_t> start_token() const;
  /// The tokens that end a text.
  std::vector<std::uint32_t> stop_tokens() const;

 private:
  ModelSession(model::ModelBundle bundle, model::TransformerOptions options)
      : bundle_{std::move(bundle)}, options_{options} {}

  model::ModelBundle bundle_;  // without the matrices, which the oracle has
  model::TransformerOptions options_;
  std::optional<model::LoraAdapter> adapter_;
  std::unique_ptr<OracleSession> oracle_;
};

}  // namespace hippocrypt::cli
