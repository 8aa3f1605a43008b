#include "cli/plan/calibration.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <memory>

#include "base/resident_memory.hpp"
#include "cli/session/oracle_session.hpp"
#include "federation/client/local_site.hpp"
#include "federation/client/lot_packing.hpp"
#include "model/source/open_model.hpp"

namespace hippocrypt::cli {
namespace {

using federation::FederationConfig;

/// Multiplications of frozen weights with which a step is surely short, and a model whose hints
/// take longer than anybody waits for a plan.
constexpr double surely_short = 5e10;
constexpr double most_frozen_values = 4e8;
constexpr std::uint64_t most_steps = 20;

/// Processor time of all threads so far, user and system.
double processor_seconds() {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Wall and processor time since it was made.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  }
  double processor() const { return processor_seconds() - processor_began_; }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  double processor_began_ = processor_seconds();
};

double frozen_values(const model::ModelConfig& config) {
  double sum = 0;
  for (std::size_t g = 0; g < model::linear_group_count; ++g) {
    const auto group = static_cast<model::LinearGroup>(g);
    sum += static_cast<double>(config.out_features(group)) *
           static_cast<double>(config.in_features(group));
  }
  return sum * static_cast<double>(config->blocks);
}

std::size_t step_tokens(const FederationConfig& config) {
  const auto room = federation::step_room(config.training, config.encryption);
  return room.passes * room.pass_tokens;
}

/// The same with as few tiles as hold a patient.
FederationConfig with_small_steps(FederationConfig config) {
  const std::uint32_t tile = config.encryption.tile_tokens;
  config.training.accumulate = 1;
  config.encryption.train_tiles = std::min(config.encryption.train_tiles,
                                           (config.training.max_patient_tokens + tile - 1) / tile);
  return config;
}

class Bench {
 public:
  explicit Bench(const CalibrationOptions& options) : options_{options} {}

  Result<Calibration> run() {
    const Stopwatch all;
    const FederationConfig& config = options_.config;
    HIPPOCRYPT_TRY(auto bundle, model::open_model(config.model.path.string()));
    HIPPOCRYPT_TRY_VOID(check_size(bundle.model.config));
    HIPPOCRYPT_TRY_VOID(open_session(bundle));
    weights_ = std::make_shared<const model::ClientWeights>(std::move(bundle.model.client));
    out_.base_bytes = resident_bytes();
    out_.set_up_seconds = all.seconds();
    const FederationConfig small = with_small_steps(config);
    const double share =
        static_cast<double>(step_tokens(small)) / static_cast<double>(step_tokens(config));
    const double products =
        2 * frozen_values(bundle.model.config) * static_cast<double>(step_tokens(config));
    bool whole = share >= 1 || products < surely_short;
    if (!whole) {
      HIPPOCRYPT_TRY_VOID(measure(small, bundle));
      whole = out_.step_seconds / share < options_.seconds - all.seconds() + out_.set_up_seconds;
      out_.share = share;
    }
    if (whole) {
      HIPPOCRYPT_TRY_VOID(measure(config, bundle));
      out_.share = 1;
    }
    scale();
    return out_;
  }

 private:
  Status check_size(const model::ModelConfig& config) const {
    if (frozen_values(config) <= most_frozen_values) return {};
    return Error{Errc::limit_exceeded,
                 "the model is too large to be set up for a calibration; take a run of one round "
                 "and a small model's figures instead"};
  }

  Status open_session(model::ModelBundle& bundle) {
    const FederationConfig& config = options_.config;
    HIPPOCRYPT_TRY(auto residuals,
                   federation::residuals_for(config.encryption, bundle.model, options_.threads));
    if (config.encryption.blind_head) model::offer_head(bundle.model);
    HIPPOCRYPT_TRY(session_,
                   OracleSession::create({config.encryption, config.server, options_.threads,
                                          config.model.path.string(), std::move(residuals)},
                                         bundle.model.config, std::move(bundle.model.base)));
    return {};
  }

  /// Steps, as many as there is time for, and an evaluation.
  Status measure(const FederationConfig& config, const model::ModelBundle& bundle) {
    const Stopwatch set_up;
    HIPPOCRYPT_TRY(auto plan, federation::make_local_plan(config, options_.hospital,
                                                          federation::text_codec(bundle),
                                                          bundle.model.config));
    plan.params.budget = std::numeric_limits<double>::infinity();
    plan.params.overflow_probability = 1;  // nothing is claimed
    federation::LocalSiteOptions site;
    FederationConfig apart = config;
    apart.privacy.ledger = federation::LedgerPlace::run;
    site.config = std::make_shared<const FederationConfig>(std::move(apart));
    site.index = options_.hospital;
    site.ledger = options_.scratch / fmt::format("ledger-{}.sqlite", ++sites_);
    site.run = "plan";
    site.lots = federation::LotSource::secret;
    site.threads = options_.threads;
    HIPPOCRYPT_TRY(const auto hospital,
                   federation::LocalSite::create(std::move(site), bundle.model.config, weights_,
                                                 std::move(plan), session_->oracle()));
    out_.site_seconds = set_up.seconds();
    HIPPOCRYPT_TRY_VOID(take_steps(config, *hospital));
    HIPPOCRYPT_TRY_VOID(evaluate(config, *hospital));
    out_.hospital_bytes = peak_resident_bytes() - std::min(peak_resident_bytes(), out_.base_bytes);
    return {};
  }

  Status take_steps(const FederationConfig& config, federation::LocalSite& hospital) {
    session_->set_capacity(federation::step_room(config.training, config.encryption).pass_tokens);
    std::vector<float> values = hospital.start_values();
    const std::atomic<bool> never{false};
    const Stopwatch all;
    out_.steps = 0;
    do {
      HIPPOCRYPT_TRY_VOID(
          hospital.trainer().take_steps({1, out_.steps, 1}, values, never, [](const auto&) {}));
      ++out_.steps;
    } while (out_.steps < most_steps &&
             all.seconds() * (1 + 1 / static_cast<double>(out_.steps)) < options_.seconds / 3);
    out_.step_seconds = all.seconds() / static_cast<double>(out_.steps);
    out_.step_processor_seconds = all.processor() / static_cast<double>(out_.steps);
    return {};
  }

  Status evaluate(const FederationConfig& config, federation::LocalSite& hospital) {
    session_->set_capacity(federation::eval_capacity(config.encryption));
    const Stopwatch watch;
    HIPPOCRYPT_TRY_VOID(hospital.trainer().evaluate(hospital.start_values(), hospital.heldout()));
    out_.evaluation_seconds = watch.seconds();
    out_.evaluation_processor_seconds = watch.processor();
    return {};
  }

  /// To a step of all its tokens.
  void scale() {
    out_.step_seconds /= out_.share;
    out_.step_processor_seconds /= out_.share;
    out_.hospital_bytes =
        static_cast<std::uint64_t>(static_cast<double>(out_.hospital_bytes) / out_.share);
  }

  const CalibrationOptions& options_;
  Calibration out_;
  std::unique_ptr<OracleSession> session_;
  std::shared_ptr<const model::ClientWeights> weights_;
  int sites_ = 0;
};

}  // namespace

Result<Calibration> calibrate(const CalibrationOptions& options) { return Bench{options}.run(); }

}  // namespace hippocrypt::cli
