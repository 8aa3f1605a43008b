#include "federation/common/quorum.hpp"

#include <algorithm>

namespace hippocrypt::federation {

std::uint32_t quorum_of(std::uint32_t configured, std::uint32_t hospitals, std::uint32_t least) {
  const std::uint32_t majority = hospitals / 2 + 1;
  return std::max({configured > 0 ? configured : majority, least, std::uint32_t{1}});
}

}  // namespace hippocrypt::federation
