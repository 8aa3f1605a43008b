#include "cli/support/round_console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/support/quantities.hpp"
#include "cli/support/text_table.hpp"

namespace hippocrypt::cli {
namespace {

namespace metrics = federation::metrics;

constexpr std::size_t most_with_lines = 12;
constexpr double nearly_spent = 0.9;  // of a budget

std::string budget_text(double budget) {
  return std::isfinite(budget) ? fmt::format("{:.2f}", budget) : std::string{"unlimited"};
}

bool is_nearly_spent(const metrics::Hospital& part) {
  return std::isfinite(part.budget) && part.epsilon >= nearly_spent * part.budget;
}

std::string padded(std::string text, std::size_t columns) {
  const std::size_t width = display_width(text);
  if (width < columns) text.append(columns - width, ' ');
  return text;
}

/// "st-anna  contributed  3 m 58 s  21.0 MB up  eps 1.92/8.00"
std::string line_of(const metrics::Hospital& part, std::size_t name_columns) {
  const bool contributed = part.status == "contributed";
  std::string line = "  " + padded(part.hospital, name_columns) + "  " +
                     padded(contributed ? "ok" : part.status, 4);
  if (std::isfinite(part.seconds)) line += "  " + duration_text(part.seconds);
  if (part.bytes_up > 0) line += "  " + bytes_text(static_cast<double>(part.bytes_up)) + " up";
  if (std::isfinite(part.epsilon)) {
    line += fmt::format("  eps {:.2f}/{}", part.epsilon, budget_text(part.budget));
  }
  if (!contributed && !part.detail.empty() && part.detail != part.status) {
    line += "  " + part.detail;
  }
  return line;
}

}  // namespace

void RoundConsole::hear(const metrics::Event& event) {
  std::visit([this](const auto& alternative) { on(alternative); }, event);
}

void RoundConsole::on(const metrics::RunStart& event) {
  start_ = event;
  if (event.first_round > 1) {
    progress_.note(fmt::format("resumed: goes on with round {}", event.first_round));
  }
}

void RoundConsole::on(const metrics::Step& event) {
  begin(event.round);
  progress_.advance(1, event.hospital);
}

void RoundConsole::on(const metrics::Hospital& event) {
  if (event.round == round_ || round_ == 0) parts_[event.hospital] = event;
}

void RoundConsole::on(const metrics::Note& event) {
  // What kept a hospital out of a round is in its line of the round.
  if (event.round == 0) progress_.note(event.source + ": " + event.text);
}

void RoundConsole::on(const metrics::Round& event) {
  begin(event.round);
  progress_.end(summary(event));
  for (const auto& line : hospital_lines(event)) progress_.note(line);
  if (std::isfinite(event.loss)) last_loss_ = event.loss;
  round_ = 0;
  parts_.clear();
}

void RoundConsole::on(const metrics::RunEnd& event) {
  if (event.status == "finished") return;  // the result says it all
  for (const auto& [hospital, cause] : event.failing) {
    progress_.note(fmt::format("{} did not end well: {}", hospital, cause));
  }
}

void RoundConsole::begin(std::uint32_t round) {
  if (round == round_) return;
  round_ = round;
  const std::uint64_t steps = std::uint64_t{start_.steps_per_round} * start_.budgets.size();
  progress_.begin(fmt::format("round {}/{}", round, start_.rounds_planned),
                  std::max<std::uint64_t>(1, steps));
}

std::string RoundConsole::summary(const metrics::Round& round) const {
  std::string text;
  if (!round.is_closed()) text = round.outcome + ", ";
  text += fmt::format("{} contributed", round.contributed.size());
  if (!round.absent.empty()) text += fmt::format(", {} absent", round.absent.size());
  if (std::isfinite(round.loss)) {
    text += fmt::format("; training loss {:.4f}", round.loss);
    if (std::isfinite(last_loss_)) text += fmt::format(" ({:+.4f})", round.loss - last_loss_);
  }
  if (std::isfinite(round.heldout_loss)) {
    text += fmt::format("; held-out loss before it {:.4f}", round.heldout_loss);
  }
  if (std::isfinite(round.seconds)) text += "; " + duration_text(round.seconds);
  if (round.bytes_up > 0) text += "; " + bytes_text(static_cast<double>(round.bytes_up)) + " up";
  if (std::isfinite(round.aggregation_error)) {
    text += fmt::format("; aggregation error {:.3g}", round.aggregation_error);
  }
  if (!round.note.empty()) text += "; " + round.note;
  return text;
}

std::vector<std::string> RoundConsole::hospital_lines(const metrics::Round& round) const {
  auto parts = parts_;
  for (const auto& [name, absence] : round.absent) {
    auto& part = parts[name];
    part.hospital = name;
    part.status = absence.cause;
    if (part.detail.empty()) part.detail = absence.detail;
  }
  const bool all = std::max(parts.size(), start_.budgets.size()) <= most_with_lines;
  std::size_t name_columns = 0;
  for (const auto& [name, part] : parts) name_columns = std::max(name_columns, display_width(name));
  std::vector<std::string> lines;
  for (const auto& [name, part] : parts) {
    const bool said = all || part.status != "contributed" || is_nearly_spent(part);
    if (said) lines.push_back(line_of(part, name_columns));
  }
  return lines;
}

}  // namespace hippocrypt::cli
