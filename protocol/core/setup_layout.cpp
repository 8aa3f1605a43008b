#include "protocol/core/setup_layout.hpp"

#include <algorithm>

#include "crypto/core/lane_polys.hpp"

namespace hippocrypt::protocol {
namespace {

BodyRange take(std::size_t& end, std::size_t size_bytes) {
  const BodyRange range{end, size_bytes};
  end = (end + size_bytes + body_alignment - 1) / body_alignment * body_alignment;
  return range;
}

}  // namespace

std::size_t lay_out_setup_body(std::vector<SiteEntry>& sites, std::size_t ring_dim) {
  HIPPOCRYPT_CHECK(sites.size() <= max_sites);
  std::size_t end = 0;
  for (SiteEntry& site : sites) {
    HIPPOCRYPT_CHECK(site.out <= (site.is_head() ? max_head_rows : max_features));
    HIPPOCRYPT_CHECK(site.in <= max_features);
    site.row_scales = take(end, std::size_t{site.out} * sizeof(float));
    site.forward_hints =
        take(end, crypto::lane_polys_words(site.out, ring_dim) * sizeof(std::uint32_t));
    const std::size_t backward = site.is_head() ? 0 : site.in;
    site.backward_hints =
        take(end, crypto::lane_polys_words(backward, ring_dim) * sizeof(std::uint32_t));
  }
  return end;
}

std::size_t masks_needed(const std::vector<SiteEntry>& sites) {
  std::size_t most = 0;
  for (const SiteEntry& site : sites) {
    most = std::max<std::size_t>({most, site.is_head() ? 0 : site.out, site.in});
  }
  return most;
}

}  // namespace hippocrypt::protocol
