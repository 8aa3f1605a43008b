#include "cli/session/oracle_session.hpp"

#include <utility>

#include "protocol/in_process_transport.hpp"

namespace hippocrypt::cli {

Result<std::unique_ptr<OracleSession>> OracleSession::create(const Options& options,
                                                             const model::ModelConfig& config,
                                                             model::BaseWeights base) {
  std::unique_ptr<OracleSession> session{new OracleSession};
  if (options.encryption.uses_server()) {
    HIPPOCRYPT_TRY(auto server,
                   federation::start_product_server(options.encryption, options.server,
                                                    options.spec, config, std::move(base)));
    base = {};
    session->server_note_ = std::move(server.note);
    session->transport_ = std::make_unique<protocol::InProcessTransport>(std::move(server.service));
  }
  HIPPOCRYPT_TRY(session->oracle_,
                 federation::HospitalOracle::create(options.encryption, config, std::move(base),
                                                    session->transport_.get(),
                                                    options.client_threads, options.residuals));
  return session;
}

}  // namespace hippocrypt::cli
