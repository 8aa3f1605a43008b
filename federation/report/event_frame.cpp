#include "federation/report/event_frame.hpp"

#include "federation/report/metrics_json.hpp"

namespace hippocrypt::federation::metrics {

Bytes encode(const Event& event) {
  const std::string text =
      to_json(event).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return {text.begin(), text.end()};
}

Result<Event> decode_event(ByteView frame) {
  // Frames of other kinds begin otherwise; they are not worth an exception.
  if (!frame.empty() && frame.front() == '{') {
    try {
      auto event = event_from(nlohmann::json::parse(frame.begin(), frame.end()));
      if (event) return std::move(*event);
    } catch (const nlohmann::json::exception&) {  // said below
    }
  }
  return Error{Errc::malformed, "this is no event of a run"};
}

}  // namespace hippocrypt::federation::metrics
