#include "federation/report/metrics_json.hpp"

#include <cmath>

namespace hippocrypt::federation::metrics {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* endless = "unlimited";

/// An epsilon or a budget, which may be infinite.
ordered_json endless_json(double value) {
  return std::isinf(value) ? ordered_json(endless) : ordered_json(value);
}

double endless_from(const json& value) {
  if (value.is_null()) return unknown;
  if (value.is_string() && value.get<std::string>() == endless) {
    return std::numeric_limits<double>::infinity();
  }
  return value.get<double>();
}

/// Unknown where the key is absent or null.
double number(const json& line, const char* key) {
  const auto found = line.find(key);
  return found == line.end() || found->is_null() ? unknown : found->get<double>();
}

double endless_number(const json& line, const char* key) {
  const auto found = line.find(key);
  return found == line.end() ? unknown : endless_from(*found);
}

/// The type's first value where the key is absent.
template <class T>
T optional(const json& line, const char* key) {
  const auto found = line.find(key);
  return found == line.end() ? T{} : found->get<T>();
}

ordered_json encode(const RunStart& event) {
  ordered_json budgets = ordered_json::object();
  for (const auto& [name, budget] : event.budgets) budgets[name] = endless_json(budget);
  return {{"event", "run_start"},
          {"version", format_version},
          {"oracle", event.oracle},
          {"rounds_planned", event.rounds_planned},
          {"steps_per_round", event.steps_per_round},
          {"first_round", event.first_round},
          {"unit", event.unit},
          {"relation", "add_remove"},
          {"delta", event.delta},
          {"budgets", std::move(budgets)},
          {"settings", event.settings}};
}

ordered_json encode(const Step& event) {
  return {{"event", "step"},
          {"hospital", event.hospital},
          {"round", event.round},
          {"step", event.step},
          {"loss", event.loss}};
}

ordered_json encode(const Round& event) {
  ordered_json absent = ordered_json::object();
  for (const auto& [name, absence] : event.absent) {
    absent[name] = {{"cause", absence.cause}, {"detail", absence.detail}};
  }
  return {{"event", "round"},
          {"round", event.round},
          {"attempt", event.attempt},
          {"outcome", event.outcome},
          {"contributed", event.contributed},
          {"absent", std::move(absent)},
          {"seconds", event.seconds},
          {"bytes_up", event.bytes_up},
          {"bytes_down", event.bytes_down},
          {"loss", event.loss},
          {"heldout_loss", event.heldout_loss},
          {"aggregation_error", event.aggregation_error},
          {"resident_bytes", event.resident_bytes},
          {"note", event.note}};
}

ordered_json encode(const Hospital& event) {
  return {{"event", "hospital"},
          {"hospital", event.hospital},
          {"round", event.round},
          {"status", event.status},
          {"detail", event.detail},
          {"seconds", event.seconds},
          {"epsilon", endless_json(event.epsilon)},
          {"delta", event.delta},
          {"budget", endless_json(event.budget)},
          {"steps", event.steps},
          {"bytes_up", event.bytes_up},
          {"bytes_down", event.bytes_down},
          {"loss", event.loss},
          {"heldout_loss", event.heldout_loss}};
}

ordered_json encode(const Note& event) {
  return {
      {"event", "note"}, {"source", event.source}, {"round", event.round}, {"text", event.text}};
}

ordered_json encode(const RunEnd& event) {
  return {{"event", "run_end"},      {"status", event.status},   {"cause", event.cause},
          {"rounds", event.rounds},  {"seconds", event.seconds}, {"adapter", event.adapter},
          {"failing", event.failing}};
}

RunStart run_start_from(const json& line) {
  RunStart event;
  event.oracle = line.at("oracle").get<std::string>();
  event.rounds_planned = line.at("rounds_planned").get<std::uint32_t>();
  event.steps_per_round = line.at("steps_per_round").get<std::uint32_t>();
  event.first_round = line.at("first_round").get<std::uint32_t>();
  event.unit = line.at("unit").get<std::string>();
  event.delta = line.at("delta").get<double>();
  for (const auto& [name, budget] : line.at("budgets").items()) {
    event.budgets[name] = endless_from(budget);
  }
  event.settings = line.at("settings").get<std::map<std::string, std::string>>();
  return event;
}

Step step_from(const json& line) {
  return {line.at("hospital").get<std::string>(), line.at("round").get<std::uint32_t>(),
          line.at("step").get<std::uint32_t>(), number(line, "loss")};
}

Round round_from(const json& line) {
  Round event;
  event.round = line.at("round").get<std::uint32_t>();
  event.attempt = line.at("attempt").get<std::uint32_t>();
  event.outcome = line.at("outcome").get<std::string>();
  event.contributed = line.at("contributed").get<std::vector<std::string>>();
  for (const auto& [name, absence] : line.at("absent").items()) {
    event.absent[name] = {absence.at("cause").get<std::string>(),
                          optional<std::string>(absence, "detail")};
  }
  event.seconds = number(line, "seconds");
  event.bytes_up = optional<std::uint64_t>(line, "bytes_up");
  event.bytes_down = optional<std::uint64_t>(line, "bytes_down");
  event.loss = number(line, "loss");
  event.heldout_loss = number(line, "heldout_loss");
  event.aggregation_error = number(line, "aggregation_error");
  event.resident_bytes = optional<std::uint64_t>(line, "resident_bytes");
  event.note = optional<std::string>(line, "note");
  return event;
}

Hospital hospital_from(const json& line) {
  Hospital event;
  event.hospital = line.at("hospital").get<std::string>();
  event.round = line.at("round").get<std::uint32_t>();
  event.status = line.at("status").get<std::string>();
  event.detail = optional<std::string>(line, "detail");
  event.seconds = number(line, "seconds");
  event.epsilon = endless_number(line, "epsilon");
  event.delta = number(line, "delta");
  event.steps = optional<std::uint64_t>(line, "steps");
  event.budget = endless_number(line, "budget");
  event.bytes_up = optional<std::uint64_t>(line, "bytes_up");
  event.bytes_down = optional<std::uint64_t>(line, "bytes_down");
  event.loss = number(line, "loss");
  event.heldout_loss = number(line, "heldout_loss");
  return event;
}

Note note_from(const json& line) {
  return {line.at("source").get<std::string>(), optional<std::uint32_t>(line, "round"),
          line.at("text").get<std::string>()};
}

RunEnd run_end_from(const json& line) {
  RunEnd event;
  event.status = line.at("status").get<std::string>();
  event.cause = optional<std::string>(line, "cause");
  event.rounds = line.at("rounds").get<std::uint32_t>();
  event.seconds = number(line, "seconds");
  event.adapter = optional<std::string>(line, "adapter");
  event.failing = optional<std::map<std::string, std::string>>(line, "failing");
  return event;
}

}  // namespace

ordered_json to_json(const Event& event) {
  return std::visit([](const auto& alternative) { return encode(alternative); }, event);
}

std::optional<Event> event_from(const json& line) {
  const auto kind = line.at("event").get<std::string>();
  if (kind == "run_start") return run_start_from(line);
  if (kind == "step") return step_from(line);
  if (kind == "round") return round_from(line);
  if (kind == "hospital") return hospital_from(line);
  if (kind == "note") return note_from(line);
  if (kind == "run_end") return run_end_from(line);
  return std::nullopt;
}

}  // namespace hippocrypt::federation::metrics
