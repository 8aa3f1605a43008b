#include "federation/common/site_config.hpp"

namespace hippocrypt::federation {

const char* to_string(PartyRole role) {
  switch (role) {
    case PartyRole::hospital:
      return "hospital";
    case PartyRole::server:
      return "server";
    case PartyRole::aggregator:
      return "aggregator";
  }
  return "unknown";
}

const char* to_string(HintSource source) {
  switch (source) {
    case HintSource::automatic:
      return "auto";
    case HintSource::download:
      return "download";
    case HintSource::compute:
      return "compute";
  }
  return "unknown";
}

}  // namespace hippocrypt::federation
