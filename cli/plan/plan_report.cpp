#include "cli/plan/plan_report.hpp"

#include <fmt/format.h>

#include <cmath>

#include "cli/support/text_table.hpp"

namespace hippocrypt::cli {
namespace {

using federation::BudgetForecast;
using federation::Traffic;
using nlohmann::ordered_json;

std::string bytes_text(std::uint64_t bytes) {
  const double value = static_cast<double>(bytes);
  if (value >= 1e9) return fmt::format("{:.3f} GB", value / 1e9);
  if (value >= 1e6) return fmt::format("{:.2f} MB", value / 1e6);
  return fmt::format("{:.2f} kB", value / 1e3);
}

std::string epsilon_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.4f}", value) : std::string{"unlimited"};
}

std::string seconds_text(double seconds) {
  if (seconds >= 5400) return fmt::format("{:.1f} h", seconds / 3600);
  if (seconds >= 90) return fmt::format("{:.1f} min", seconds / 60);
  return fmt::format("{:.1f} s", seconds);
}

std::string rounds_text(const BudgetForecast& budget, std::uint32_t planned) {
  if (budget.rounds == planned) return fmt::format("all {}", planned);
  if (budget.rounds == 0) return "none";
  return fmt::format("{} of {}, the last is round {}", budget.rounds, planned, budget.last_round);
}

std::string traffic_table(const RunPlan& plan) {
  TextTable table{{{"hospital"},
                   {"to the server, a round", Align::right},
                   {"back", Align::right},
                   {"in the run", Align::right},
                   {"to the aggregator, a round", Align::right},
                   {"back", Align::right},
                   {"in the run", Align::right}}};
  const auto row = [&](const std::string& name, const Traffic& server, const Traffic& products,
                       const Traffic& aggregator, const Traffic& total) {
    table.add_row({name, bytes_text(server.up), bytes_text(server.down),
                   bytes_text(products.both()), bytes_text(aggregator.up),
                   bytes_text(aggregator.down), bytes_text(total.both())});
  };
  Traffic server, products, aggregator, total;
  for (const auto& hospital : plan.hospitals) {
    const Traffic& round = hospital.aggregator.round;
    row(hospital.name, plan.server_round(), plan.server_products(hospital), round,
        plan.aggregator_total(hospital));
    server += plan.server_round();
    products += plan.server_products(hospital);
    aggregator += round;
    total += plan.aggregator_total(hospital);
  }
  if (plan.hospitals.size() > 1) row("all", server, products, aggregator, total);
  return table.str();
}

std::string budget_table(const RunPlan& plan) {
  TextTable table{{{"hospital"},
                   {"epsilon now", Align::right},
                   {"at the end", Align::right},
                   {"RDP", Align::right},
                   {"PLD", Align::right},
                   {"budget", Align::right},
                   {"rounds that it allows"},
                   {"delta with overflow", Align::right}}};
  for (const auto& hospital : plan.hospitals) {
    const BudgetForecast& budget = hospital.budget;
    table.add_row({hospital.name, epsilon_text(budget.before.epsilon),
                   epsilon_text(budget.after.epsilon), epsilon_text(budget.after.rdp.epsilon),
                   budget.after.pld ? epsilon_text(*budget.after.pld) : std::string{"-"},
                   epsilon_text(budget.budget), rounds_text(budget, plan.config.run.rounds),
                   fmt::format("{:.6g}", budget.delta_total)});
  }
  return table.str();
}

/// After "N hospital".
std::string command_text(const RunPlan& plan) {
  switch (plan.command) {
    case PlannedFor::train:
      return " (as `train` runs it)";
    case PlannedFor::simulate:
      return "s";
    case PlannedFor::join:
      break;
  }
  return fmt::format("s, of which {} joins from here", plan.hospitals.front().name);
}

/// Who may be absent, where there are others.
std::string rounds_text(const RunPlan& plan) {
  if (plan.is_alone()) return {};
  const auto& rules = plan.config.rounds;
  std::string text = "rounds:   ";
  text += fmt::format("a round counts with {} contributors", plan.quorum());
  text += fmt::format("; who is silent is awaited for {:g} s, the others until {:g} s\n",
                      rules.grace_s, rules.deadline_s);
  return text + "sums:     " +
         (plan.secagg
              ? plan.secagg->describe()
              : std::string{"secure aggregation is off: the aggregator sees every update"}) +
         '\n';
}

/// At this rate each way the line is said to be slow or fast enough.
constexpr double usual_megabits = 100;

/// What a line must carry where hospital, server and aggregator are processes of their own.
std::string network_text(const RunPlan& plan) {
  if (plan.is_alone() && !plan.config.encryption.uses_server()) return {};
  std::string text = "network:  ";
  const Traffic step = plan.server.step;
  if (plan.config.encryption.uses_server()) {
    const auto tokens = static_cast<double>(plan.step_tokens());
    text += fmt::format(
        "a token and step takes {:.2f} kB to the blind server and {:.2f} kB back; a step of {} "
        "tokens {} and {}\n          ",
        static_cast<double>(step.up) / tokens / 1e3, static_cast<double>(step.down) / tokens / 1e3,
        plan.step_tokens(), bytes_text(step.up), bytes_text(step.down));
    if (plan.server.step_hint_pieces > 0) {
      text += fmt::format("{} of that are hints on their way: the hint_cache keeps {}\n          ",
                          bytes_text(plan.server.step_hints.both()),
                          bytes_text(plan.server.kept_hint_bytes));
    }
  }
  const Traffic round = plan.network_round(plan.hospitals.front());
  text += fmt::format(
      "between machines a round of one hospital takes {} up and {} down, TLS included: {} at {:g} "
      "Mbit/s\n",
      bytes_text(round.up), bytes_text(round.down),
      seconds_text(federation::seconds_on_link(round, {usual_megabits, usual_megabits})),
      usual_megabits);
  if (!plan.is_alone()) {
    text += fmt::format("          heartbeats come on top, {} bytes every {:g} s\n",
                        plan.hospitals.front().aggregator.heartbeat,
                        plan.config.rounds.heartbeat_s);
  }
  if (!plan.calibration || !plan.config.encryption.uses_server()) return text;
  const auto rate = federation::link_rate(
      round, plan.config.run.steps_per_round * plan.calibration->step_seconds);
  return text + fmt::format(
                    "          {:.0f} Mbit/s up and {:.0f} down carry it in the time that one "
                    "hospital computes for it here\n",
                    rate.up, rate.down);
}

/// What the peak is made of.
std::string memory_text(const RunPlan& plan) {
  const auto& memory = plan.memory;
  if (plan.command == PlannedFor::join) {
    return fmt::format("{} while the model is opened, {} for a pass; from shapes",
                       bytes_text(memory.model), bytes_text(memory.working));
  }
  if (plan.calibration) {
    return fmt::format("{} before any hospital, {} for each; measured",
                       bytes_text(plan.calibration->base_bytes),
                       bytes_text(plan.calibration->hospital_bytes));
  }
  return fmt::format("{} for the model, {} for the server, {} for each hospital; from shapes",
                     bytes_text(memory.model), bytes_text(memory.server),
                     bytes_text(memory.working));
}

std::string machine_text(const RunPlan& plan) {
  std::string text = fmt::format("memory:   {} at the peak in one process ({})\n",
                                 bytes_text(plan.peak_bytes()), memory_text(plan));
  if (!plan.calibration) return text + "time:     unknown: " + plan.calibration_missing + '\n';
  const Calibration& calibration = *plan.calibration;
  text +=
      fmt::format("time:     {} on this machine's {} processors, {} of it the set-up, {} a round\n",
                  seconds_text(plan.run_seconds()), plan.processors,
                  seconds_text(calibration.set_up_seconds), seconds_text(plan.round_seconds()));
  text += fmt::format(
      "          measured: {} step{} of one hospital, {:.3f} s each ({:.3f} s of processor "
      "time){}\n",
      calibration.steps, calibration.steps == 1 ? "" : "s", calibration.step_seconds,
      calibration.step_processor_seconds,
      calibration.share < 1
          ? fmt::format(", scaled up from {:.0f} % of its tokens", 100 * calibration.share)
          : std::string{});
  return text;
}

ordered_json to_json(const Traffic& traffic) {
  return {{"up", traffic.up}, {"down", traffic.down}};
}

ordered_json to_json(const privacy::SpentEpsilon& spent) {
  return {{"epsilon", spent.epsilon},
          {"epsilon_rdp", spent.rdp.epsilon},
          {"epsilon_pld", spent.pld ? ordered_json(*spent.pld) : ordered_json(nullptr)}};
}

ordered_json to_json(const BudgetForecast& budget) {
  return {{"now", to_json(budget.before)},   {"end", to_json(budget.after)},
          {"delta", budget.delta},           {"delta_total", budget.delta_total},
          {"budget", budget.budget},         {"rounds_allowed", budget.rounds},
          {"last_round", budget.last_round}, {"steps", budget.steps}};
}

ordered_json time_json(const RunPlan& plan) {
  if (!plan.calibration) return nullptr;
  const Calibration& calibration = *plan.calibration;
  return {{"run_seconds", plan.run_seconds()},
          {"round_seconds", plan.round_seconds()},
          {"set_up_seconds", calibration.set_up_seconds},
          {"step_seconds", calibration.step_seconds},
          {"step_processor_seconds", calibration.step_processor_seconds},
          {"evaluation_seconds", calibration.evaluation_seconds},
          {"measured_steps", calibration.steps},
          {"measured_share", calibration.share},
          {"processors", plan.processors}};
}

ordered_json secagg_json(const RunPlan& plan) {
  if (!plan.secagg) return nullptr;
  const auto& params = *plan.secagg;
  return {{"threshold", params.threshold()},
          {"dropouts", params.hospitals() - params.smallest_sum()},
          {"colluders", params.colluders()},
          {"smallest_sum", params.smallest_sum()}};
}

/// Of the first hospital; the others differ by the lengths of their names.
ordered_json network_json(const RunPlan& plan) {
  if (plan.is_alone() && !plan.config.encryption.uses_server()) return nullptr;
  const Traffic round = plan.network_round(plan.hospitals.front());
  ordered_json out{{"step_tokens", plan.step_tokens()}, {"round", to_json(round)}};
  out["round_seconds_at_100_mbit"] =
      federation::seconds_on_link(round, {usual_megabits, usual_megabits});
  return out;
}

ordered_json memory_json(const RunPlan& plan) {
  const auto& memory = plan.memory;
  return {{"peak_bytes", plan.peak_bytes()},
          {"measured", plan.calibration.has_value()},
          {"from_shapes",
           {{"peak_bytes", memory.peak(plan.at_work())},
            {"program", memory.program},
            {"model", memory.model},
            {"server", memory.server},
            {"shared", memory.shared},
            {"working", memory.working}}}};
}

}  // namespace

std::string plan_text(const RunPlan& plan) {
  const auto& run = plan.config.run;
  std::string text = fmt::format(
      "{}: {} hospital{}, {} rounds of {} steps, oracle {}, {} trained values\n\n", run.name,
      plan.config.hospitals.size(), command_text(plan), run.rounds,
      run.steps_per_round, to_string(plan.config.encryption.oracle), plan.values);
  text += traffic_table(plan);
  if (plan.config.encryption.uses_server()) {
    text += fmt::format("and once, before the first round, {} of hints to each hospital{}\n",
                        bytes_text(plan.server.setup.both()),
                        plan.command == PlannedFor::join ? ", unless it computes them" : "");
  }
  text += '\n' + budget_table(plan);
  text += fmt::format(
      "epsilon: add or remove one {}, with all that is on record for the data set; nothing was "
      "charged\n\n",
      to_string(plan.config.privacy.unit));
  return text + rounds_text(plan) + network_text(plan) + machine_text(plan);
}

ordered_json plan_json(const RunPlan& plan) {
  ordered_json hospitals = ordered_json::array();
  Traffic products, aggregator;
  for (const auto& hospital : plan.hospitals) {
    products += plan.server_products(hospital);
    aggregator += plan.aggregator_total(hospital);
    hospitals.push_back(
        {{"name", hospital.name},
         {"server_run", to_json(plan.server_products(hospital))},
         {"aggregator_round", to_json(plan.is_alone() ? Traffic{} : hospital.aggregator.round)},
         {"aggregator_run", to_json(plan.aggregator_total(hospital))},
         {"privacy", to_json(hospital.budget)}});
  }
  return {{"run", plan.config.run.name},
          {"command", to_string(plan.command)},
          {"rounds", plan.config.run.rounds},
          {"steps_per_round", plan.config.run.steps_per_round},
          {"oracle", to_string(plan.config.encryption.oracle)},
          {"trained_values", plan.values},
          {"server",
           {{"setup", to_json(plan.server.setup)},
            {"step", to_json(plan.server.step)},
            {"step_hints", to_json(plan.server.step_hints)},
            {"round", to_json(plan.server_round())},
            {"evaluation", to_json(plan.server.evaluation)},
            {"run", to_json(products)}}},
          {"aggregator", {{"run", to_json(aggregator)}}},
          {"network", network_json(plan)},
          {"quorum", plan.quorum()},
          {"secagg", secagg_json(plan)},
          {"budgets_suffice", plan.budgets_suffice()},
          {"hospitals", std::move(hospitals)},
          {"memory", memory_json(plan)},
          {"time", time_json(plan)}};
}

}  // namespace hippocrypt::cli
