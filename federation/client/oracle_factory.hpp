#pragma once
// The oracle that a configuration asks for, with what it needs to live.

#include <memory>

#include "base/random.hpp"
#include "federation/common/federation_config.hpp"
#include "model/channel_residuals.hpp"
#include "model/plain_oracle.hpp"
#include "model/source/open_model.hpp"
#include "model/weights.hpp"
#include "protocol/client/server_setup.hpp"
#include "protocol/core/transport.hpp"

namespace hippocrypt::federation {

/// What HospitalOracle::create() takes to make up for int8 weights, from a model whose frozen
/// weights are still there; empty for plain-fp32 and where `exact_channels` is 0. Errors: those of
/// find_channel_residuals.
Result<model::ChannelResiduals> residuals_for(const EncryptionConfig& encryption,
                                              const model::Model& model, std::size_t threads);

/// The same of a model as it was opened; a hospital's part has them with it. Errors: also mismatch
/// (a part that was made for another number of exact channels).
Result<model::ChannelResiduals> residuals_for(const EncryptionConfig& encryption,
                                              const model::ModelBundle& bundle,
                                              std::size_t threads);

/// What the oracles of one model have in common, immutable and shared: exact weights, int8 weights
/// or the server's setup, of which one is there, and residuals, unless there are none.
struct OracleParts {
  std::shared_ptr<const model::BaseWeights> base;
  std::shared_ptr<const model::Int8Weights> int8;
  std::shared_ptr<const protocol::ServerSetup> setup;
  std::shared_ptr<const model::ChannelResiduals> residuals;

  /// The parts of HospitalOracle::create(), and its errors. With a keeper the setup comes without
  /// hints, and those from it (protocol/client/hint_store.hpp). `weights` as of
  /// protocol::ServerSetup::fetch.
  static Result<OracleParts> create(const EncryptionConfig& encryption,
                                    const model::ModelConfig& config, model::BaseWeights base,
                                    protocol::ProductTransport* server,
                                    model::ChannelResiduals residuals,
                                    std::shared_ptr<protocol::HintKeeper> keeper = {},
                                    const Hash256& weights = {});
};

/// Owns one LinearOracle: plain over the weights given, or encrypted over a transport. With the
/// encrypted one the frozen weights are dropped at once: the hospital does not need them.
class HospitalOracle {
 public:
  /// `base` holds the head where encryption.blind_head asks for it (model::offer_head). `server` is
  /// needed with the encrypted oracles and must outlive the object. `threads` multiply, or encrypt;
  /// they do not change a result. `residuals` make up for what int8 takes from some channels;
  /// empty: nothing does. Errors: those of fetching and parsing the setup; unavailable without a
  /// server; unsupported (blind_head, but the server does not offer it).
  static Result<std::unique_ptr<HospitalOracle>> create(const EncryptionConfig& encryption,
                                                        const model::ModelConfig& config,
                                                        model::BaseWeights base,
                                                        protocol::ProductTransport* server,
                                                        std::size_t threads = 1,
                                                        model::ChannelResiduals residuals = {});
  /// Of parts made for the same configuration; `server` as above. `random` encrypts; null: the
  /// operating system's.
  static std::unique_ptr<HospitalOracle> create(const EncryptionConfig& encryption,
                                                const OracleParts& parts,
                                                protocol::ProductTransport* server,
                                                std::size_t threads,
                                                std::shared_ptr<StepRandom> random = {});
  virtual ~HospitalOracle() = default;
  virtual model::LinearOracle& get() = 0;
  /// Tokens that every product sends from now on, whatever the data; no effect on plain oracles.
  virtual void set_capacity(std::size_t tokens) = 0;
  virtual std::uint64_t bytes_up() const = 0;
  virtual std::uint64_t bytes_down() const = 0;
};

}  // namespace hippocrypt::federation
