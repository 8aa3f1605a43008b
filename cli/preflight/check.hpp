#pragma once
// What preflight found: one line a check, each passed or with the problem and the way out.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace hippocrypt::cli {

enum class CheckState : std::uint8_t {
  passed,
  warning,  ///< works now, and somebody should act
  failed,
  skipped,  ///< cannot be known from here; the sentence says why
};

struct Check {
  std::string name;  ///< "clock of hub.example:7000"
  CheckState state = CheckState::passed;
  std::string text;  ///< passed: what was found; else the problem and how to fix it
};

Check passed(std::string name, std::string text);
Check warning(std::string name, std::string text);
Check failed(std::string name, std::string text);
Check skipped(std::string name, std::string text);

bool all_passed(std::span<const Check> checks);  ///< none failed
std::string checks_text(std::span<const Check> checks);
nlohmann::ordered_json checks_json(std::span<const Check> checks);

}  // namespace hippocrypt::cli
