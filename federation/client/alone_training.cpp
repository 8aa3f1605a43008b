#include "federation/client/alone_training.hpp"

#include <memory>
#include <mutex>
#include <numeric>

#include "base/parallel.hpp"
#include "federation/client/dealt_notes.hpp"
#include "federation/client/local_site.hpp"
#include "federation/client/shared_model.hpp"

namespace hippocrypt::federation {
namespace {

/// The same training, with nobody to send to and nobody to be kept near.
FederationConfig alone_config(FederationConfig config) {
  config.encryption.oracle = OracleKind::plain_int8;
  config.encryption.blind_head = false;
  config.aggregation = {};
  return config;
}

/// One hospital at its bench.
struct Bench {
  std::unique_ptr<HospitalOracle> oracle;
  std::unique_ptr<LocalSite> site;  // after the oracle that it uses
};

class Comparison {
 public:
  explicit Comparison(const AloneOptions& options)
      : options_{options},
        shared_config_{std::make_shared<const FederationConfig>(alone_config(options.config))} {}

  Result<AloneComparison> run() {
    HIPPOCRYPT_TRY_VOID(check_may_train_alone(config_));
    HIPPOCRYPT_TRY(auto bundle, model::open_model(config_.model.path.string()));
    HIPPOCRYPT_TRY(auto residuals,
                   residuals_for(config_.encryption, bundle.model, options_.threads));
    HIPPOCRYPT_TRY(model_, SharedModel::create(config_.encryption, std::move(bundle),
                                               std::move(residuals), nullptr));
    HIPPOCRYPT_TRY(notes_, deal_notes(config_));
    for (std::size_t i = 0; i < config_.hospitals.size(); ++i) {
      HIPPOCRYPT_TRY(auto bench, set_up(i));
      out_.pooled_tokens += predicted_tokens(bench.site->heldout());
      benches_.push_back(std::move(bench));
    }
    const auto& start = benches_.front().site->start_values();
    if (options_.federated.size() != start.size()) {
      return Error{Errc::mismatch,
                   "the federation's adapter has " + std::to_string(options_.federated.size()) +
                       " values and the hospitals' have " + std::to_string(start.size())};
    }
    HIPPOCRYPT_TRY(out_.start, pooled_loss(start));
    HIPPOCRYPT_TRY(out_.federated, pooled_loss(options_.federated));
    HIPPOCRYPT_TRY(const auto adapters, train_all());
    for (std::size_t i = 0; i < benches_.size(); ++i) {
      HIPPOCRYPT_TRY(const double loss, pooled_loss(adapters[i]));
      out_.alone.emplace_back(benches_[i].site->name(), loss);
    }
    return out_;
  }

 private:
  Result<Bench> set_up(std::size_t index) const {
    HIPPOCRYPT_TRY(auto plan, make_local_plan(config_, index, model_->codec(), model_->config,
                                              notes_[index].get()));
    Bench bench;
    bench.oracle = HospitalOracle::create(config_.encryption, model_->oracle, nullptr, 1);
    const std::string& name = config_.hospitals[index].name;
    LocalSiteOptions site;
    site.config = shared_config_;
    site.index = index;
    site.ledger = options_.folder / name / "ledger.sqlite";
    site.run = options_.run;
    site.lots = LotSource::seeded_by_step;
    HIPPOCRYPT_TRY(bench.site, LocalSite::create(std::move(site), model_->config, model_->weights,
                                                 std::move(plan), bench.oracle->get()));
    return bench;
  }

  /// Each hospital on one thread, which does not change a result.
  Result<std::vector<std::vector<float>>> train_all() const {
    std::vector<std::vector<float>> adapters(benches_.size());
    std::vector<Status> outcomes(benches_.size());
    std::mutex mutex;
    run_pieces(benches_.size(), options_.threads, [&](std::size_t i, std::size_t) {
      auto values = train(*benches_[i].site);
      if (values) {
        adapters[i] = std::move(values).value();
      } else {
        outcomes[i] = values.error();
      }
      const std::scoped_lock lock{mutex};
      if (options_.on_trained) options_.on_trained(benches_[i].site->name());
    });
    for (const Status& outcome : outcomes) HIPPOCRYPT_TRY_VOID(outcome);
    return adapters;
  }

  Result<std::vector<float>> train(LocalSite& site) const {
    static const std::atomic<bool> never{false};
    const std::atomic<bool>& stop = options_.stop != nullptr ? *options_.stop : never;
    std::vector<float> values = site.start_values();
    for (std::uint32_t round = 1; round <= config_.run.rounds; ++round) {
      const auto update = site.trainer().train_round(round, config_.run.steps_per_round, values,
                                                     stop, [](const StepReport&) {});
      if (!update && update.error().code == Errc::budget_exhausted) continue;
      if (!update) return Error{update.error().code, site.name() + ": " + update.error().detail};
      for (std::size_t i = 0; i < values.size(); ++i) values[i] += (*update)[i];
    }
    return values;
  }

  Result<double> pooled_loss(const std::vector<float>& values) const {
    std::vector<double> sums(benches_.size());
    std::vector<Status> outcomes(benches_.size());
    run_pieces(benches_.size(), options_.threads, [&](std::size_t i, std::size_t) {
      const auto& heldout = benches_[i].site->heldout();
      const auto mean = benches_[i].site->trainer().evaluate(values, heldout);
      if (mean) {
        sums[i] = *mean * static_cast<double>(predicted_tokens(heldout));
      } else {
        outcomes[i] = mean.error();
      }
    });
    for (const Status& outcome : outcomes) HIPPOCRYPT_TRY_VOID(outcome);
    return std::accumulate(sums.begin(), sums.end(), 0.0) / static_cast<double>(out_.pooled_tokens);
  }

  const AloneOptions& options_;
  const std::shared_ptr<const FederationConfig> shared_config_;
  const FederationConfig& config_ = *shared_config_;
  std::shared_ptr<const SharedModel> model_;
  std::vector<std::shared_ptr<const notes::NoteFile>> notes_;
  std::vector<Bench> benches_;
  AloneComparison out_;
};

}  // namespace

Status check_may_train_alone(const FederationConfig& config) {
  if (config.privacy.ledger == LedgerPlace::run) return {};
  return Error{Errc::invalid_config,
               "hospitals cannot be trained alone as well where privacy.ledger = \"dataset\": it "
               "would spend the patients' budget a second time; leave the comparison out, or, on "
               "data that is nobody's, set privacy.ledger = \"run\""};
}

Result<AloneComparison> compare_alone(const AloneOptions& options) {
  return Comparison{options}.run();
}

}  // namespace hippocrypt::federation
