#pragma once
// Internal to federation/report: events as JSON and back.

#include <nlohmann/json.hpp>
#include <optional>

#include "federation/report/metrics_event.hpp"

namespace hippocrypt::federation::metrics {

/// {"event": ..., ...}. Numbers that are not finite are null; an infinite budget is "unlimited".
nlohmann::ordered_json to_json(const Event& event);

/// Nothing for a kind of event that this version does not know. Throws nlohmann::json::exception
/// where a key is missing or has another type.
std::optional<Event> event_from(const nlohmann::json& line);

}  // namespace hippocrypt::federation::metrics
