#pragma once
// What a round gathered: all that a strategy learns of the hospitals.

#include <cstdint>
#include <string>
#include <vector>

namespace hippocrypt::federation {

/// Of one closed round; d is the length of the global vector.
struct Contributions {
  std::uint32_t round = 0;             ///< from 1
  std::vector<std::string> hospitals;  ///< whose updates are in it, in the config's order
  /// One vector, the weighted mean of them all, which is what secure aggregation gives; otherwise
  /// one a hospital.
  bool summed = false;
  std::vector<std::vector<float>> updates;  ///< each (d): new values minus the round's start
  std::vector<std::uint32_t> weights;       ///< of `hospitals`; public, at least 1
};

}  // namespace hippocrypt::federation
