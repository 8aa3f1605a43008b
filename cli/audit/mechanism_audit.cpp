#include "cli/audit/mechanism_audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>

#include "privacy/accounting/pld_accountant.hpp"
#include "privacy/accounting/rdp_accountant.hpp"
#include "privacy/audit/engine/engine_subject.hpp"
#include "privacy/audit/noise_checks.hpp"
#include "privacy/audit/sampler_checks.hpp"
#include "privacy/audit/sensitivity_check.hpp"

namespace hippocrypt::cli {
namespace {

namespace audit = privacy::audit;

constexpr double shown_significance = 0.05;
constexpr double canary_norm = 100;  // over C: what clipping is for
constexpr std::size_t auditor_units = 500;
constexpr std::size_t most_kinds = 3;

/// How much of everything.
struct Sizes {
  std::size_t noise_values, lots, canaries;
  std::uint64_t noise_steps;
};
constexpr Sizes full{5000, 3000, 1000, 200};
constexpr Sizes quick{1000, 500, 400, 50};

struct Group {
  privacy::DpSgdParams params;
  std::uint64_t steps = 0;
};

bool same(const privacy::DpSgdParams& a, const privacy::DpSgdParams& b) {
  const auto key = [](const privacy::DpSgdParams& p) {
    return std::tuple{p.sampling_rate, p.noise_multiplier, p.clip, p.clipping};
  };
  return key(a) == key(b);
}

privacy::DpSgdParams params_of(const privacy::LedgerEntry& entry,
                               const MechanismAuditOptions& options) {
  privacy::DpSgdParams params;
  params.sampling_rate = entry.sampling_rate;
  params.noise_multiplier = entry.noise_multiplier;
  params.clip = entry.clip;
  params.expected_lot = options.expected_lot;
  params.delta = options.delta;
  params.budget = std::numeric_limits<double>::infinity();
  return params;
}

std::vector<Group> groups_of(const MechanismAuditOptions& options) {
  std::vector<Group> groups;
  for (const auto& row : options.rows) {
    const auto params = params_of(row.entry, options);
    const auto found = std::find_if(groups.begin(), groups.end(),
                                    [&](const Group& group) { return same(group.params, params); });
    if (found == groups.end()) {
      groups.push_back({params, row.entry.steps});
    } else {
      found->steps += row.entry.steps;
    }
  }
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    return a.params.noise_multiplier < b.params.noise_multiplier;
  });
  return groups;
}

/// "noise variance (sigma 0.7)" where a run has several kinds of steps.
void append(std::vector<audit::CheckResult>& all, std::vector<audit::CheckResult> results,
            const Group& group, std::size_t groups) {
  for (auto& result : results) {
    if (groups > 1) {
      result.name += fmt::format(" (q {:g}, sigma {:g}, C {:g})", group.params.sampling_rate,
                                 group.params.noise_multiplier, group.params.clip);
    }
    all.push_back(std::move(result));
  }
}

Result<std::vector<audit::CheckResult>> check_group(const Group& group, const Sizes& sizes,
                                                    const MechanismAuditOptions& options) {
  const auto stage = [&](const char* what) {
    if (options.on_stage) options.on_stage(what);
  };
  const audit::EngineSubject engine{group.params};
  const auto claim = engine.claim();
  stage("noise");
  HIPPOCRYPT_TRY(const Matrix noise,
                 audit::noise_of(engine.mechanism(), claim, sizes.noise_values, sizes.noise_steps));
  auto results = audit::check_noise(noise, claim.noise_multiplier * claim.clip);
  stage("sampler");
  HIPPOCRYPT_TRY(const auto lots, engine.lots()(auditor_units, sizes.lots));
  auto sampler = audit::check_sampler(lots, auditor_units, claim.sampling_rate);
  std::move(sampler.begin(), sampler.end(), std::back_inserter(results));
  stage("sensitivity");
  SeededSequence sequence{1, "audit of sensitivity"};
  HIPPOCRYPT_TRY(const auto step, engine.noiseless());
  HIPPOCRYPT_TRY(auto sensitivity, audit::check_sensitivity(step, claim, sequence));
  results.push_back(std::move(sensitivity));
  return results;
}

/// The scores of canaries over the whole run; `noise`: with the run's, or none.
Result<std::vector<audit::Scored>> canary_scores(const std::vector<Group>& groups,
                                                 std::size_t count, bool noise) {
  SystemRandom random;
  auto canaries = audit::toss_canaries(count, [&] { return random.next_u64(); });
  for (const Group& group : groups) {
    privacy::DpSgdParams params = group.params;
    if (!noise) params.noise_multiplier = 0;
    const audit::EngineSubject engine{params};
    HIPPOCRYPT_TRY_VOID(audit::add_scores(engine.mechanism(), {engine.claim(), group.steps},
                                          canary_norm, canaries));
  }
  return canaries;
}

}  // namespace

Result<MechanismAudit> audit_mechanism(const MechanismAuditOptions& options) {
  const auto groups = groups_of(options);
  const bool is_noisy = std::all_of(groups.begin(), groups.end(), [](const Group& group) {
    return group.params.noise_multiplier > 0;
  });
  if (groups.empty() || !is_noisy) {
    return Error{Errc::out_of_range,
                 groups.empty() ? "the run has not taken a step: there is nothing to audit"
                                : "the run added no noise and claims no privacy: there is nothing "
                                  "to audit"};
  }
  const Sizes& sizes = options.quick ? quick : full;
  MechanismAudit result;
  result.kinds_of_steps = groups.size();
  std::vector<privacy::SampledGaussian> events;
  std::vector<audit::ClaimedSteps> claims;
  for (const Group& group : groups) {
    if (result.checked_kinds < most_kinds) {
      HIPPOCRYPT_TRY(auto checks, check_group(group, sizes, options));
      append(result.results, std::move(checks), group, groups.size());
      ++result.checked_kinds;
    }
    events.push_back({group.params.sampling_rate, group.params.noise_multiplier, group.steps});
    claims.push_back({audit::EngineSubject{group.params}.claim(), group.steps});
    result.steps += group.steps;
  }
  result.claimed_rdp = privacy::rdp_epsilon(events, options.delta).epsilon;
  if (const auto pld = privacy::pld_epsilon(events, options.delta)) result.claimed_pld = *pld;
  result.canaries = sizes.canaries;
  if (options.on_stage) options.on_stage("canaries");
  HIPPOCRYPT_TRY(const auto scores, canary_scores(groups, sizes.canaries, true));
  HIPPOCRYPT_TRY(const auto bare, canary_scores(groups, sizes.canaries, false));
  result.results.push_back(audit::check_canary_weight(scores, claims));
  auto one_run =
      audit::audit_epsilon(scores, result.claimed_epsilon(), options.delta, shown_significance);
  result.bound = one_run.bound;
  result.results.push_back(std::move(one_run.result));
  result.without_noise = audit::best_bound(bare, options.delta, shown_significance);
  return result;
}

}  // namespace hippocrypt::cli
