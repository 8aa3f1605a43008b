#include "privacy/audit/engine/engine_subject.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "privacy/dp_sgd/privacy_engine.hpp"
#include "privacy/ledger/ledger.hpp"

namespace hippocrypt::privacy::audit {
namespace {

/// One round of an engine, and all that must outlive it.
class Bench {
 public:
  static Result<std::unique_ptr<Bench>> create(const DpSgdParams& params, std::size_t units,
                                               std::uint64_t steps) {
    std::unique_ptr<Bench> bench{new Bench};
    HIPPOCRYPT_TRY(bench->ledger_, Ledger::in_memory());
    HIPPOCRYPT_TRY(auto engine,
                   PrivacyEngine::create(params, *bench->ledger_, {{}, PrivacyUnit::patient, units},
                                         {"audit", "audit", "audit"}, bench->sampler_,
                                         bench->random_, [] { return std::int64_t{0}; }));
    HIPPOCRYPT_TRY(bench->round_, engine.begin_round(1, steps));
    return bench;
  }

  using Work = std::function<void(const std::vector<std::size_t>& lot, LotAccumulator& sum)>;
  /// Errors: those of next_lot.
  Status step(const Work& work, std::span<float> released) {
    HIPPOCRYPT_TRY(const auto lot, round_->next_lot());
    LotAccumulator sum = round_->accumulator(released.size());
    work(lot, sum);
    round_->privatize(std::move(sum), released);
    return {};
  }

 private:
  Bench() = default;

  std::optional<Ledger> ledger_;
  SystemRandom random_;
  SecretUniformSource sampler_{random_};
  std::optional<PrivateRound> round_;
};

constexpr std::size_t most_units_of_a_lot = 1000;
constexpr std::uint64_t noiseless_steps = 10'000;

}  // namespace

EngineSubject::EngineSubject(const DpSgdParams& params) : params_{params} {
  params_.budget = std::numeric_limits<double>::infinity();
}

Claim EngineSubject::claim() const {
  return {params_.sampling_rate, params_.noise_multiplier, params_.clip, params_.expected_lot};
}

Mechanism EngineSubject::mechanism() const {
  return [params = params_](const AuditedData& data, std::uint64_t steps) -> Result<Matrix> {
    HIPPOCRYPT_TRY(const auto bench, Bench::create(params, data.units, steps));
    Matrix released{steps, data.size};
    std::vector<float> gradient(data.size);
    const auto add_lot = [&](const std::vector<std::size_t>& lot, LotAccumulator& sum) {
      for (const std::size_t unit : lot) {
        std::fill(gradient.begin(), gradient.end(), 0.0F);
        data.gradient(unit, gradient);
        sum.add(gradient);
      }
    };
    for (std::uint64_t step = 0; step < steps; ++step) {
      HIPPOCRYPT_TRY_VOID(bench->step(add_lot, released.row(step)));
    }
    return released;
  };
}

LotDrawer EngineSubject::lots() const {
  return [params = params_](std::size_t units,
                            std::uint64_t count) -> Result<std::vector<std::vector<std::size_t>>> {
    HIPPOCRYPT_TRY(const auto bench, Bench::create(params, units, count));
    std::vector<std::vector<std::size_t>> lots;
    std::vector<float> released(1);
    for (std::uint64_t i = 0; i < count; ++i) {
      HIPPOCRYPT_TRY_VOID(bench->step(
          [&](const std::vector<std::size_t>& lot, LotAccumulator&) { lots.push_back(lot); },
          released));
    }
    return lots;
  };
}

Result<NoiselessStep> EngineSubject::noiseless() const {
  DpSgdParams params = params_;
  params.sampling_rate = 1;
  params.noise_multiplier = 0;
  HIPPOCRYPT_TRY(auto made, Bench::create(params, most_units_of_a_lot, noiseless_steps));
  const std::shared_ptr<Bench> bench = std::move(made);
  return NoiselessStep{[bench](std::span<const std::vector<float>> lot,
                               std::size_t size) -> Result<std::vector<double>> {
    std::vector<float> released(size);
    HIPPOCRYPT_TRY_VOID(bench->step(
        [&](const std::vector<std::size_t>&, LotAccumulator& sum) {
          for (const auto& gradient : lot) sum.add(gradient);
        },
        released));
    return std::vector<double>{released.begin(), released.end()};
  }};
}

}  // namespace hippocrypt::privacy::audit
