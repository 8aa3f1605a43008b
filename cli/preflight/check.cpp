#include "cli/preflight/check.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hippocrypt::cli {
namespace {

const char* to_string(CheckState state) {
  switch (state) {
    case CheckState::passed:
      return "PASSED";
    case CheckState::warning:
      return "WARNING";
    case CheckState::failed:
      return "FAILED";
    case CheckState::skipped:
      return "SKIPPED";
  }
  return "unknown";
}

/// What peers say must not move the terminal's cursor.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

}  // namespace

Check passed(std::string name, std::string text) {
  return {std::move(name), CheckState::passed, std::move(text)};
}

Check warning(std::string name, std::string text) {
  return {std::move(name), CheckState::warning, std::move(text)};
}

Check failed(std::string name, std::string text) {
  return {std::move(name), CheckState::failed, std::move(text)};
}

Check skipped(std::string name, std::string text) {
  return {std::move(name), CheckState::skipped, std::move(text)};
}

bool all_passed(std::span<const Check> checks) {
  return std::none_of(checks.begin(), checks.end(),
                      [](const Check& check) { return check.state == CheckState::failed; });
}

std::string checks_text(std::span<const Check> checks) {
  std::size_t width = 0;
  for (const auto& check : checks) width = std::max(width, check.name.size());
  std::string text;
  for (const auto& check : checks) {
    text += fmt::format("{:<7}  {:<{}}  {}\n", to_string(check.state), check.name, width,
                        printable(check.text));
  }
  return text;
}

nlohmann::ordered_json checks_json(std::span<const Check> checks) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& check : checks) {
    list.push_back(
        {{"check", check.name}, {"state", to_string(check.state)}, {"text", check.text}});
  }
  return {{"passed", all_passed(checks)}, {"checks", std::move(list)}};
}

}  // namespace hippocrypt::cli
