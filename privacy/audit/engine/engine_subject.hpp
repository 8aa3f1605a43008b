#pragma once
// The real PrivacyEngine as something to audit: its sampler, its clipping, its noise, with the
// constants of a run and randomness from the operating system, on a ledger of its own.

#include <cstdint>
#include <filesystem>

#include "privacy/audit/mechanism.hpp"
#include "privacy/dp_sgd/dp_sgd_params.hpp"

namespace hippocrypt::privacy::audit {

class EngineSubject {
 public:
  /// `params` as the run had them; the budget is not looked at. `scratch`: an existing folder for
  /// ledgers that charge for nobody.
  EngineSubject(const DpSgdParams& params, std::filesystem::path scratch);

  Claim claim() const;
  /// Each call is a training of its own. Errors of all three: those of PrivacyEngine and Ledger.
  Mechanism mechanism() const;
  LotDrawer lots() const;
  /// With noise turned off; at most 10,000 calls, with lots of at most 1,000 gradients.
  Result<NoiselessStep> noiseless() const;

 private:
  DpSgdParams params_;
  std::filesystem::path scratch_;
};

}  // namespace hippocrypt::privacy::audit
