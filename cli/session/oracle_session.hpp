#pragma once
// A LinearOracle of any kind over weights at hand.

#include <cstdint>
#include <memory>
#include <string>

#include "federation/client/oracle_factory.hpp"
#include "federation/server/product_server.hpp"

namespace hippocrypt::cli {

/// Owns the oracle and, for the encrypted kinds, the blind server that it asks.
class OracleSession {
 public:
  struct Options {
    federation::EncryptionConfig encryption;
    federation::ServerConfig server;
    std::size_t client_threads = 1;          ///< of plain products, and of encryption
    std::string spec;                        ///< where the weights were opened
    model::ChannelResiduals residuals = {};  ///< federation::residuals_for(); empty: none
  };

  /// The float weights are dropped where the oracle does not need them. Errors: those of
  /// start_product_server and HospitalOracle::create.
  static Result<std::unique_ptr<OracleSession>> create(const Options& options,
                                                       const model::ModelConfig& config,
                                                       model::BaseWeights base);
  OracleSession(const OracleSession&) = delete;
  OracleSession& operator=(const OracleSession&) = delete;

  model::LinearOracle& oracle() { return oracle_->get(); }
  /// Tokens that every product sends from now on; 0: as many as there are, which shows how many.
  void set_capacity(std::size_t tokens) { oracle_->set_capacity(tokens); }
  std::uint64_t bytes_up() const { return oracle_->bytes_up(); }
  std::uint64_t bytes_down() const { return oracle_->bytes_down(); }
  /// One line on the blind server, for people; empty without one.
  const std::string& server_note() const { return server_note_; }

 private:
  OracleSession() = default;
  std::unique_ptr<protocol::ProductTransport> transport_;
  std::unique_ptr<federation::HospitalOracle> oracle_;  // after the transport that it uses
  std::string server_note_;
};

}  // namespace hippocrypt::cli
