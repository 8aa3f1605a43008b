#include "federation/client/oracle_factory.hpp"

#include "base/random.hpp"
#include "model/plain_oracle.hpp"
#include "model/residual_oracle.hpp"
#include "protocol/client/encrypted_oracle.hpp"
#include "protocol/client/server_setup.hpp"

namespace hippocrypt::federation {
namespace {

bool is_scalar(const EncryptionConfig& encryption) {
  return encryption.oracle == OracleKind::encrypted_lwe;
}

/// Sends nothing.
class Local : public HospitalOracle {
 public:
  void set_capacity(std::size_t) override {}
  std::uint64_t bytes_up() const override { return 0; }
  std::uint64_t bytes_down() const override { return 0; }
};

class PlainFp32 final : public Local {
 public:
  PlainFp32(std::shared_ptr<const model::BaseWeights> base, std::size_t threads)
      : base_{std::move(base)}, oracle_{*base_, threads} {}
  model::LinearOracle& get() override { return oracle_; }

 private:
  std::shared_ptr<const model::BaseWeights> base_;
  model::PlainFp32Oracle oracle_;
};

class PlainInt8 final : public Local {
 public:
  explicit PlainInt8(model::PlainInt8Oracle oracle) : oracle_{std::move(oracle)} {}
  model::LinearOracle& get() override { return oracle_; }

 private:
  model::PlainInt8Oracle oracle_;
};

class Encrypted final : public HospitalOracle {
 public:
  Encrypted(std::shared_ptr<const protocol::ServerSetup> setup,
            protocol::ProductTransport& transport, const EncryptionConfig& encryption,
            std::size_t threads, std::shared_ptr<StepRandom> random)
      : random_{random ? std::move(random) : std::make_shared<SystemRandom>()},
        oracle_{
            std::move(setup),
            transport,
            *random_,
            {.capacity_tokens = encryption.tile_tokens,
             .tile_tokens = encryption.tile_tokens,
             .tiles_in_flight = encryption.tiles_in_flight,
             .pad_bytes = is_scalar(encryption) ? 0 : std::size_t{encryption.pad_mib} << 20,
             .scheme = is_scalar(encryption) ? protocol::Scheme::scalar : protocol::Scheme::packed,
             .threads = threads}} {}
  model::LinearOracle& get() override { return oracle_; }
  void set_capacity(std::size_t tokens) override { oracle_.set_capacity(tokens); }
  std::uint64_t bytes_up() const override { return oracle_.bytes_up(); }
  std::uint64_t bytes_down() const override { return oracle_.bytes_down(); }

 private:
  std::shared_ptr<StepRandom> random_;
  protocol::EncryptedOracle oracle_;
};

/// Another oracle, made up for in some channels.
class Corrected final : public HospitalOracle {
 public:
  Corrected(std::unique_ptr<HospitalOracle> rounded,
            std::shared_ptr<const model::ChannelResiduals> residuals, std::size_t threads)
      : rounded_{std::move(rounded)}, oracle_{rounded_->get(), std::move(residuals), threads} {}
  model::LinearOracle& get() override { return oracle_; }
  void set_capacity(std::size_t tokens) override { rounded_->set_capacity(tokens); }
  std::uint64_t bytes_up() const override { return rounded_->bytes_up(); }
  std::uint64_t bytes_down() const override { return rounded_->bytes_down(); }

 private:
  std::unique_ptr<HospitalOracle> rounded_;
  model::ResidualOracle oracle_;
};

/// Errors: those of fetch; unsupported (a blind head that the server does not offer).
Result<std::shared_ptr<const protocol::ServerSetup>> fetch_setup(
    const EncryptionConfig& encryption, const model::ModelConfig& config,
    protocol::ProductTransport* server, std::shared_ptr<protocol::HintKeeper> keeper,
    const Hash256& weights) {
  if (server == nullptr) {
    return Error{Errc::unavailable, "the encrypted oracle needs a blind server; none was given"};
  }
  HIPPOCRYPT_TRY(const auto params, params_of(encryption));
  HIPPOCRYPT_TRY(auto setup,
                 protocol::ServerSetup::fetch(*server, params, config, std::move(keeper), weights));
  if (encryption.blind_head && !setup->contains(model::head_site)) {
    return Error{Errc::unsupported,
                 "encryption.blind_head is set, but the server does not offer the output head; set "
                 "it for the server too"};
  }
  return setup;
}

std::unique_ptr<HospitalOracle> make_rounded(const EncryptionConfig& encryption,
                                             const OracleParts& parts,
                                             protocol::ProductTransport* server,
                                             std::size_t threads,
                                             std::shared_ptr<StepRandom> random) {
  if (parts.base) return std::make_unique<PlainFp32>(parts.base, threads);
  if (parts.int8) return std::make_unique<PlainInt8>(model::PlainInt8Oracle{parts.int8, threads});
  HIPPOCRYPT_CHECK(parts.setup != nullptr && server != nullptr);
  return std::make_unique<Encrypted>(parts.setup, *server, encryption, threads, std::move(random));
}

}  // namespace

Result<model::ChannelResiduals> residuals_for(const EncryptionConfig& encryption,
                                              const model::Model& model, std::size_t threads) {
  if (encryption.oracle == OracleKind::plain_fp32 || encryption.exact_channels == 0) {
    return model::ChannelResiduals{};
  }
  return model::find_channel_residuals(model, encryption.exact_channels, threads);
}

Result<model::ChannelResiduals> residuals_for(const EncryptionConfig& encryption,
                                              const model::ModelBundle& bundle,
                                              std::size_t threads) {
  if (!bundle.part) return residuals_for(encryption, bundle.model, threads);
  if (encryption.exact_channels == 0) return model::ChannelResiduals{};
  if (bundle.part->exact_channels == encryption.exact_channels) return bundle.part->residuals;
  return Error{Errc::mismatch,
               bundle.name + ": this hospital's part was made for " +
                   std::to_string(bundle.part->exact_channels) + " exact channels, but " +
                   std::to_string(encryption.exact_channels) +
                   " are asked for: set encryption.exact_channels to what the part has, or make "
                   "the part again"};
}

Result<OracleParts> OracleParts::create(const EncryptionConfig& encryption,
                                        const model::ModelConfig& config, model::BaseWeights base,
                                        protocol::ProductTransport* server,
                                        model::ChannelResiduals residuals,
                                        std::shared_ptr<protocol::HintKeeper> keeper,
                                        const Hash256& weights) {
  OracleParts parts;
  if (encryption.oracle == OracleKind::plain_fp32) {
    parts.base = std::make_shared<const model::BaseWeights>(std::move(base));
    return parts;
  }
  if (encryption.uses_server()) {
    HIPPOCRYPT_TRY(parts.setup,
                   fetch_setup(encryption, config, server, std::move(keeper), weights));
  } else {
    HIPPOCRYPT_TRY(parts.int8, model::quantize_base(base));
  }
  if (!residuals.empty()) {
    parts.residuals = std::make_shared<const model::ChannelResiduals>(std::move(residuals));
  }
  return parts;
}

std::unique_ptr<HospitalOracle> HospitalOracle::create(const EncryptionConfig& encryption,
                                                       const OracleParts& parts,
                                                       protocol::ProductTransport* server,
                                                       std::size_t threads,
                                                       std::shared_ptr<StepRandom> random) {
  auto oracle = make_rounded(encryption, parts, server, threads, std::move(random));
  if (parts.residuals == nullptr) return oracle;
  return std::make_unique<Corrected>(std::move(oracle), parts.residuals, threads);
}

Result<std::unique_ptr<HospitalOracle>> HospitalOracle::create(
    const EncryptionConfig& encryption, const model::ModelConfig& config, model::BaseWeights base,
    protocol::ProductTransport* server, std::size_t threads, model::ChannelResiduals residuals) {
  HIPPOCRYPT_TRY(const auto parts, OracleParts::create(encryption, config, std::move(base), server,
                                                       std::move(residuals)));
  return create(encryption, parts, server, threads);
}

}  // namespace hippocrypt::federation
