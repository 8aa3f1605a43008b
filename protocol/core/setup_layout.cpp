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

std::size_t backward_outputs(const SiteEntry& site) { return site.is_head() ? 0 : site.in; }

std::size_t hint_bytes(std::size_t outputs, std::size_t ring_dim) {
  return crypto::lane_polys_words(outputs, ring_dim) * sizeof(std::uint32_t);
}

}  // namespace

SetupLayout lay_out_setup(const std::vector<SiteEntry>& sites, std::size_t ring_dim) {
  HIPPOCRYPT_CHECK(sites.size() <= max_sites);
  SetupLayout layout;
  layout.sites.reserve(sites.size());
  std::size_t end = 0;
  for (const SiteEntry& site : sites) {
    HIPPOCRYPT_CHECK(site.out <= (site.is_head() ? max_head_rows : max_features));
    HIPPOCRYPT_CHECK(site.in <= max_features);
    SiteLayout ranges;
    ranges.row_scales = take(end, std::size_t{site.out} * sizeof(float));
    ranges.forward_hints = take(end, hint_bytes(site.out, ring_dim));
    ranges.backward_hints = take(end, hint_bytes(backward_outputs(site), ring_dim));
    layout.sites.push_back(ranges);
  }
  layout.body_bytes = end;
  return layout;
}

SetupLayout lay_out_table(const std::vector<SiteEntry>& sites) {
  return lay_out_setup(sites, 0);  // polynomials without coefficients
}

std::size_t masks_needed(const std::vector<SiteEntry>& sites) {
  std::size_t most = 0;
  for (const SiteEntry& site : sites) {
    most = std::max<std::size_t>({most, site.is_head() ? 0 : site.out, site.in});
  }
  return most;
}

}  // namespace hippocrypt::protocol
