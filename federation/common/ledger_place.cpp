#include "federation/common/ledger_place.hpp"

#include <cstdlib>

namespace hippocrypt::federation {
namespace {

/// The variable's value; empty if it is not set.
std::filesystem::path from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::filesystem::path ledger_home(const std::filesystem::path& configured) {
  if (!configured.empty()) return std::filesystem::absolute(configured);
  const auto own = from_environment("HIPPOCRYPT_HOME");
  if (!own.empty()) return std::filesystem::absolute(own);
  const auto data = from_environment("XDG_DATA_HOME");
  if (data.is_absolute()) return data / "hippocrypt";
  return std::filesystem::absolute(from_environment("HOME")) / ".local" / "share" / "hippocrypt";
}

std::filesystem::path ledger_of(const PrivacyConfig& config, const std::string& hospital) {
  const auto place = std::filesystem::path{"hospitals"} / hospital / "ledger.sqlite";
  return config.ledger == LedgerPlace::run ? place : ledger_home(config.ledger_home) / place;
}

}  // namespace hippocrypt::federation
