#pragma once
// The real PrivacyEngine as something to audit: its sampler, its clipping, its noise, with the
// constants of a run and randomness from the operating system, on a ledger in memory that charges
// for nobody.

#include <cstdint>
#include <filesystem>

#include "privacy/audit/mechanism.hpp"
#include "privacy/dp_sgd/dp_sgd_params.hpp"

namespace hippocrypt::privacy::audit {

class EngineSubject {
 public:
  /// `params` as the run had them; the budget is not looked at.
  explicit EngineSubject(const DpSgdParams& params);
  /// The same; the folder is not needed any more.
  EngineSubject(const DpSgdParams& params, const std::filesystem::path&) : EngineSubject{params} {}

  Claim claim() const;
  /// Each call is a training of its own. Errors of all three: those of PrivacyEngine and Ledger.
  Mechanism mechanism() const;
  LotDrawer lots() const;
  /// With noise turned off; at most 10,000 calls, with lots of at most 1,000 gradients.
  Result<NoiselessStep> noiseless() const;

 private:
  DpSgdParams params_;
};

}  // namespace hippocrypt::privacy::audit
