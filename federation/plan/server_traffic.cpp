#include "federation/plan/server_traffic.hpp"

#include <vector>

#include "federation/client/local_plan.hpp"
#include "federation/client/lot_packing.hpp"
#include "federation/plan/hint_traffic.hpp"
#include "protocol/core/setup_layout.hpp"
#include "protocol/core/tile_size.hpp"

namespace hippocrypt::federation {
namespace {

using protocol::Direction;

/// The stacked matrices in the setup's order, the head last where it is offered.
std::vector<protocol::SiteEntry> sites_of(const model::ModelConfig& config, bool with_head) {
  std::vector<protocol::SiteEntry> sites;
  const auto add = [&](std::uint32_t block, model::LinearGroup group) {
    protocol::SiteEntry site;
    site.block = block;
    site.group = static_cast<std::uint8_t>(group);
    site.out = static_cast<std::uint32_t>(config.out_features(group));
    site.in = static_cast<std::uint32_t>(config.in_features(group));
    sites.push_back(site);
  };
  for (std::uint32_t block = 0; block < config->blocks; ++block) {
    for (std::size_t group = 0; group < model::linear_group_count; ++group) {
      add(block, static_cast<model::LinearGroup>(group));
    }
  }
  if (with_head) add(model::head_site.block, model::head_site.group);
  return sites;
}

Status check_limits(const std::vector<protocol::SiteEntry>& sites) {
  bool fits = sites.size() <= protocol::max_sites;
  for (const auto& site : sites) {
    fits = fits && site.in <= protocol::max_features &&
           site.out <= (site.is_head() ? protocol::max_head_rows : protocol::max_features);
  }
  if (fits) return {};
  return Error{Errc::limit_exceeded,
               "the model has more or larger matrices than the blind server's protocol allows; "
               "use encryption.oracle = \"plain-int8\" or a smaller model"};
}

/// Products of one encryption's scheme, tiles and widths of values.
class Products {
 public:
  Products(const EncryptionConfig& encryption, crypto::WireFormat wire)
      : scheme_{encryption.oracle == OracleKind::encrypted_lwe ? protocol::Scheme::scalar
                                                               : protocol::Scheme::packed},
        tile_tokens_{encryption.tile_tokens},
        wire_{wire} {}

  /// One call with this capacity: adds its frames, returns their number.
  std::uint64_t add(const protocol::SiteEntry& site, Direction direction,
                    std::size_t capacity_tokens, Traffic& traffic) const {
    const bool forward = direction == Direction::forward;
    const std::uint32_t inputs = forward ? site.in : site.out;
    const std::uint32_t outputs = forward ? site.out : site.in;
    const std::size_t width =
        protocol::tile_width(scheme_, outputs, tile_tokens_, wire_.download_bits);
    const std::uint64_t tiles = (capacity_tokens + width - 1) / width;
    const auto tokens = static_cast<std::uint32_t>(width);
    const protocol::ProductRequest request{{}, inputs, tokens, bits(wire_.upload_bits), scheme_};
    const protocol::ProductReply reply{{}, outputs, tokens, bits(wire_.download_bits), scheme_};
    traffic += Traffic{protocol::frame_bytes(request, request.body_bytes()),
                       protocol::frame_bytes(reply, reply.body_bytes())} *
               tiles;
    return tiles;
  }

  /// The scalar scheme needs none.
  bool stream_hints() const { return scheme_ == protocol::Scheme::packed; }

 private:
  std::uint8_t bits(unsigned packed) const {
    return scheme_ == protocol::Scheme::scalar ? protocol::scalar_bits
                                               : static_cast<std::uint8_t>(packed);
  }
  protocol::Scheme scheme_;
  std::size_t tile_tokens_;
  crypto::WireFormat wire_;
};

/// Only the gradient of the embedding would need it (model::Transformer::forward_backward), and the
/// head's backward is the hospital's.
bool has_backward(const protocol::SiteEntry& site) {
  const bool first = site.block == 0 && site.group == 0;
  return !first && !site.is_head();
}

/// Products of all sites: tiles and, where they are streamed, hints.
struct Pass {
  Traffic products, hints;
  std::uint64_t tiles = 0, pieces = 0;

  Traffic both() const { return products + hints; }
};

Pass pass_of(const std::vector<protocol::SiteEntry>& sites, const Products& products,
             const HintTraffic& hints, std::size_t capacity_tokens, bool with_backward) {
  Pass out;
  const auto add = [&](std::size_t site, Direction direction) {
    out.tiles += products.add(sites[site], direction, capacity_tokens, out.products);
    if (!products.stream_hints()) return;
    const auto [bytes, pieces] = hints.streamed(site, direction);
    out.hints += bytes;
    out.pieces += pieces;
  };
  for (std::size_t i = 0; i < sites.size(); ++i) {
    add(i, Direction::forward);
    if (with_backward && has_backward(sites[i])) add(i, Direction::backward);
  }
  return out;
}

}  // namespace

Result<ServerTraffic> server_traffic(const FederationConfig& config,
                                     const model::ModelConfig& model_config,
                                     std::optional<std::uint64_t> hint_cache) {
  const EncryptionConfig& encryption = config.encryption;
  ServerTraffic out;
  if (!encryption.uses_server()) return out;
  HIPPOCRYPT_TRY(const auto params, params_of(encryption));
  const auto sites = sites_of(model_config, encryption.blind_head);
  HIPPOCRYPT_TRY_VOID(check_limits(sites));
  const Products products{encryption, params.wire()};
  const HintTraffic hints{sites, params, hint_cache};
  const StepRoom room = step_room(config.training, encryption);
  const bool exact = config.training.backprop == Backprop::exact;
  const Pass pass = pass_of(sites, products, hints, room.pass_tokens, exact);
  const Pass look = pass_of(sites, products, hints, eval_capacity(encryption), false);
  out.setup = hints.setup();
  out.kept_hint_bytes = hints.kept_bytes();
  out.step = pass.both() * room.passes;
  out.step_hints = pass.hints * room.passes;
  out.step_tiles = pass.tiles * room.passes;
  out.step_hint_pieces = pass.pieces * room.passes;
  out.evaluation = look.both();
  out.evaluation_tiles = look.tiles;
  return out;
}

}  // namespace hippocrypt::federation
