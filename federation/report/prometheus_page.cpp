#include "federation/report/prometheus_page.hpp"

#include <fmt/format.h>

#include <cmath>

namespace hippocrypt::federation::metrics {
namespace {

std::string label(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || c == '"') escaped += '\\';
    if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

class Page {
 public:
  void family(const char* name, const char* type, const char* help) {
    name_ = name;
    text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  void sample(double value) { text_ += fmt::format("{} {}\n", name_, number(value)); }
  void sample(const char* key, const std::string& label_value, double value) {
    text_ += fmt::format("{}{{{}=\"{}\"}} {}\n", name_, key, label(label_value), number(value));
  }
  void single(const char* name, const char* type, const char* help, double value) {
    family(name, type, help);
    sample(value);
  }
  std::string take() { return std::move(text_); }

 private:
  const char* name_ = "";
  std::string text_;
};

}  // namespace

void PrometheusPage::add(const Event& event) {
  const std::lock_guard lock{mutex_};
  if (const auto* start = std::get_if<RunStart>(&event)) return take(*start);
  if (const auto* round = std::get_if<Round>(&event)) return take(*round);
  if (const auto* hospital = std::get_if<Hospital>(&event)) return take(*hospital);
}

void PrometheusPage::take(const RunStart& event) {
  start_ = event;
  for (const auto& [name, budget] : event.budgets) sites_[name].budget = budget;
  if (event.first_round > 1 && completed_ == 0) completed_ = event.first_round - 1;
}

void PrometheusPage::take(const Round& event) {
  last_ = event;
  ++(event.is_closed() ? completed_ : voided_);
  if (std::isfinite(event.seconds)) seconds_sum_ += event.seconds;
  bytes_up_ += event.bytes_up;
  bytes_down_ += event.bytes_down;
  for (const auto& [name, absence] : event.absent) ++absences_[absence.cause];
}

void PrometheusPage::take(const Hospital& event) {
  Site& site = sites_[event.hospital];
  if (std::isfinite(event.epsilon)) site.epsilon = event.epsilon;
  if (!std::isnan(event.budget)) site.budget = event.budget;
  if (std::isfinite(event.seconds)) site.seconds = event.seconds;
  if (event.status == "contributed") ++site.rounds;
  site.bytes_up += event.bytes_up;
  site.bytes_down += event.bytes_down;
}

std::string PrometheusPage::text(std::uint64_t resident_bytes) const {
  const std::lock_guard lock{mutex_};
  Page page;
  const auto each_site = [&](const char* name, const char* type, const char* help, auto value) {
    page.family(name, type, help);
    for (const auto& [hospital, site] : sites_) page.sample("hospital", hospital, value(site));
  };
  const auto real = [](auto value) { return static_cast<double>(value); };
  page.single("hippocrypt_up", "gauge", "1 while the run is under way.", 1);
  page.family("hippocrypt_run_info", "gauge", "The run that this page is about.");
  page.sample("run", run_, 1);
  page.single("hippocrypt_rounds_planned", "gauge", "Rounds of the whole run.",
              start_.rounds_planned);
  page.single("hippocrypt_rounds_completed_total", "counter",
              "Rounds that gave a new global adapter.", real(completed_));
  page.single("hippocrypt_rounds_void_total", "counter", "Attempts of rounds that came to nothing.",
              real(voided_));
  page.single("hippocrypt_round_seconds", "gauge", "Duration of the last attempt of a round.",
              last_.seconds);
  page.single("hippocrypt_rounds_seconds_total", "counter", "Duration of all attempts together.",
              seconds_sum_);
  page.single("hippocrypt_contributors", "gauge", "Hospitals in the sum of the last round.",
              real(last_.contributed.size()));
  page.family("hippocrypt_absences_total", "counter",
              "Rounds that hospitals were not part of, by kind of cause.");
  for (const auto& [cause, count] : absences_) page.sample("cause", cause, real(count));
  page.family("hippocrypt_federation_bytes_total", "counter",
              "Bytes of adapters and updates between hospitals and aggregator.");
  page.sample("direction", "up", real(bytes_up_));
  page.sample("direction", "down", real(bytes_down_));
  page.single("hippocrypt_training_loss", "gauge", "Mean training loss of the last round.",
              last_.loss);
  each_site("hippocrypt_epsilon", "gauge", "Privacy spent on the hospital's patients.",
            [](const Site& site) { return site.epsilon; });
  each_site("hippocrypt_epsilon_budget", "gauge", "The most that the hospital allows.",
            [](const Site& site) { return site.budget; });
  each_site("hippocrypt_hospital_rounds_total", "counter", "Rounds that it contributed to.",
            [&](const Site& site) { return real(site.rounds); });
  each_site("hippocrypt_hospital_round_seconds", "gauge", "Duration of its last round.",
            [](const Site& site) { return site.seconds; });
  each_site("hippocrypt_hospital_sent_bytes_total", "counter", "Bytes to the blind server.",
            [&](const Site& site) { return real(site.bytes_up); });
  each_site("hippocrypt_hospital_received_bytes_total", "counter", "Bytes from the blind server.",
            [&](const Site& site) { return real(site.bytes_down); });
  page.single("process_resident_memory_bytes", "gauge", "Resident memory of the process.",
              real(resident_bytes));
  return page.take();
}

}  // namespace hippocrypt::federation::metrics
