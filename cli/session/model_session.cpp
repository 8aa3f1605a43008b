#include "cli/session/model_session.hpp"

#include <utility>

#include "model/files/adapter_lora.hpp"

namespace hippocrypt::cli {

Result<std::unique_ptr<ModelSession>> ModelSession::open(const ModelFlags& flags) {
  HIPPOCRYPT_TRY(OracleSession::Options options, oracle_options(flags));
  HIPPOCRYPT_TRY(model::ModelBundle bundle, model::open_model(flags.model));
  if (flags.blind_head) model::offer_head(bundle.model);
  const auto head = flags.blind_head ? model::HeadPlace::blind : model::HeadPlace::local;
  std::unique_ptr<ModelSession> session{
      new ModelSession{std::move(bundle), {threads_of(flags), nullptr, head}}};
  if (!flags.adapter.empty()) {
    HIPPOCRYPT_TRY(session->adapter_, model::load_lora_adapter(flags.adapter, session->config()));
  }
  HIPPOCRYPT_TRY(options.residuals,
                 federation::residuals_for(options.encryption, session->bundle_.model,
                                           options.client_threads));
  model::BaseWeights base = std::move(session->bundle_.model.base);
  session->bundle_.model.base = {};
  HIPPOCRYPT_TRY(session->oracle_,
                 OracleSession::create(options, session->config(), std::move(base)));
  session->oracle_->set_capacity(0);
  return session;
}

model::Transformer ModelSession::transformer() {
  return model::Transformer{config(), bundle_.model.client, oracle_->oracle(), options_};
}

model::Decoder ModelSession::decoder(std::size_t positions) {
  return model::Decoder{config(), bundle_.model.client, oracle_->oracle(), adapter(), positions,
                        options_};
}

Result<std::vector<std::uint32_t>> ModelSession::encode(std::string_view text) const {
  // What a template puts behind a text would end it, but it is to be continued.
  std::vector<std::uint32_t> tokens = bundle_.tokenizer.parts().prefix;
  HIPPOCRYPT_TRY(const auto ids, bundle_.tokenizer.encode(text));
  tokens.insert(tokens.end(), ids.begin(), ids.end());
  return tokens;
}

std::optional<std::uint32_t> ModelSession::start_token() const {
  const auto& prefix = bundle_.tokenizer.parts().prefix;
  return prefix.empty() ? std::nullopt : std::optional{prefix.front()};
}

std::vector<std::uint32_t> ModelSession::stop_tokens() const {
  std::vector<std::uint32_t> tokens;
  if (bundle_.special.eos) tokens.push_back(static_cast<std::uint32_t>(*bundle_.special.eos));
  return tokens;
}

}  // namespace hippocrypt::cli
