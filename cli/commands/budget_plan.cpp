#include "cli/commands/budget_plan.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/support/output.hpp"
#include "cli/support/text_table.hpp"
#include "privacy/accounting/amplification.hpp"
#include "privacy/accounting/budget_accountant.hpp"
#include "privacy/accounting/calibration.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::ordered_json;
using privacy::SampledGaussian;

constexpr double most_steps = 1e15;
constexpr const char* assumptions =
    "assumed: Poisson sampling with secret lots, every unit clipped to C, noise of sigma C on the\n"
    "sum, one unit more or less, (q, sigma, steps) fixed in advance. Fixed or shuffled lots have "
    "no\n"
    "bound like this: what can be shown for them is the last line.\n";

Error bad(const char* flag, const char* allowed) {
  return {Errc::invalid_config, fmt::format("--plan needs {}: {}", flag, allowed)};
}

Status check(const PlanQuestion& question) {
  const auto inside = [](const std::optional<double>& value, double low, double high) {
    return value.has_value() && *value > low && *value <= high;
  };
  if (!inside(question.sampling_rate, 0.0, 1.0)) {
    return bad("--sampling-rate", "a number above 0 and at most 1");
  }
  if (!question.steps.has_value() || *question.steps == 0 ||
      static_cast<double>(*question.steps) > most_steps) {
    return bad("--steps", "1 to 1e15");
  }
  if (!(question.delta > 0.0 && question.delta < 1.0)) {
    return bad("--delta", "a number above 0 and below 1");
  }
  const bool has_target = question.target_epsilon.has_value();
  if (has_target && !inside(question.target_epsilon, 0.0, 1e6)) {
    return bad("--target-epsilon", "a number above 0 and at most 1e6");
  }
  if (!question.noise_multiplier.has_value() && has_target) return {};
  if (!inside(question.noise_multiplier, 0.0, 1e9)) {
    return bad("--noise-multiplier",
               "a number above 0 and at most 1e9, or a --target-epsilon to "
               "find it for");
  }
  return {};
}

struct Plan {
  SampledGaussian event;
  double delta;
  privacy::SpentEpsilon spent;
  privacy::EpsilonAtOrder refined;
  privacy::EpsilonAtOrder classic;
  double unamplified;
};

Plan plan_of(const SampledGaussian& event, double delta) {
  privacy::BudgetAccountant account;
  account.add(event);
  const auto unamplified = privacy::epsilon_without_amplification({&event, 1}, delta);
  return {event,
          delta,
          account.spent(delta),
          privacy::rdp_epsilon_refined({&event, 1}, delta),
          privacy::rdp_epsilon_classic({&event, 1}, delta),
          unamplified.has_value() ? *unamplified : std::numeric_limits<double>::infinity()};
}

std::string figure(double value) {
  return std::isfinite(value) ? fmt::format("{:.6f}", value) : std::string{"infinite"};
}

std::string to_text(const Plan& plan) {
  std::string text =
      fmt::format("q {:g}, sigma {:.9g}, {} steps, delta {:g}\n", plan.event.sampling_rate,
                  plan.event.noise_multiplier, plan.event.steps, plan.delta);
  TextTable table{{{"accountant"}, {"epsilon", Align::right}, {"how"}}};
  const auto& spent = plan.spent;
  table.add_row({"PLD", spent.pld.has_value() ? figure(*spent.pld) : std::string{"-"},
                 "tight; connect-the-dots, both directions composed, an upper bound"});
  table.add_row(
      {"RDP", figure(spent.rdp.epsilon),
       fmt::format("on Opacus' orders, best {:g}; improved conversion", spent.rdp.order)});
  table.add_row({"RDP, any order", figure(plan.refined.epsilon),
                 fmt::format("best {:.3f}", plan.refined.order)});
  table.add_row({"RDP, classic", figure(plan.classic.epsilon),
                 "the conversion of older papers, for comparison"});
  table.add_row({"not amplified", figure(plan.unamplified),
                 "each unit used once in 1/q steps, as in shuffled epochs"});
  text += table.str();
  for (const auto& remark : privacy::remarks(spent, plan.event.steps, plan.delta)) {
    text += remark + '\n';
  }
  return text;
}

ordered_json to_json(const Plan& plan) {
  return {{"q", plan.event.sampling_rate},
          {"sigma", plan.event.noise_multiplier},
          {"steps", plan.event.steps},
          {"delta", plan.delta},
          {"epsilon", plan.spent.epsilon},
          {"epsilon_rdp", plan.spent.rdp.epsilon},
          {"rdp_order", plan.spent.rdp.order},
          {"epsilon_rdp_any_order", plan.refined.epsilon},
          {"epsilon_rdp_classic", plan.classic.epsilon},
          {"epsilon_pld",
           plan.spent.pld.has_value() ? ordered_json(*plan.spent.pld) : ordered_json(nullptr)},
          {"epsilon_without_amplification", plan.unamplified},
          {"remarks", privacy::remarks(plan.spent, plan.event.steps, plan.delta)}};
}

}  // namespace

Status show_plan(const PlanQuestion& question, bool as_json, std::ostream& out) {
  HIPPOCRYPT_TRY_VOID(check(question));
  ordered_json document;
  std::string text;
  if (question.noise_multiplier.has_value()) {
    const SampledGaussian event{*question.sampling_rate, *question.noise_multiplier,
                                *question.steps};
    const Plan plan = plan_of(event, question.delta);
    document = to_json(plan);
    text = to_text(plan);
    if (question.target_epsilon.has_value()) {
      const std::uint64_t fit = privacy::steps_for(event, *question.target_epsilon, question.delta);
      document["steps_that_fit"] = fit;
      text += fmt::format("{} steps fit epsilon {:g}\n", fit, *question.target_epsilon);
    }
  }
  if (question.target_epsilon.has_value()) {
    const privacy::NoiseTarget target{*question.target_epsilon, question.delta,
                                      *question.sampling_rate, *question.steps};
    HIPPOCRYPT_TRY(const double sigma,
                   privacy::noise_multiplier_for(target, privacy::Accountant::smaller));
    document["target_epsilon"] = target.epsilon;
    document["sigma_needed"] = sigma;
    if (!question.noise_multiplier.has_value()) {
      const Plan plan = plan_of({target.sampling_rate, sigma, target.steps}, target.delta);
      document.update(to_json(plan));
      text += to_text(plan);
    }
    text += fmt::format("{} steps need sigma {:.6g} for epsilon {:g}\n", target.steps, sigma,
                        target.epsilon);
  }
  if (as_json) {
    document["relation"] = "add_remove";
    document["sampler"] = "poisson";
    print_json(out, document);
  } else {
    out << text << assumptions;
  }
  return {};
}

}  // namespace hippocrypt::cli
