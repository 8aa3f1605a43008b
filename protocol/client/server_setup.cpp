#include "protocol/client/server_setup.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "protocol/client/tile_exchange.hpp"
#include "protocol/core/envelope.hpp"
#include "protocol/core/hint_packing.hpp"
#include "protocol/core/setup_layout.hpp"

namespace hippocrypt::protocol {
namespace {

Error table_mismatch(const std::string& what) {
  return {Errc::mismatch, "the setup table does not fit the model: " + what +
                              "; use the same model on server and client"};
}

/// The blocks of the table, which must be whole, in their order and start with `first`, the head
/// last.
Result<BlockRange> check_shapes(const SetupContents& reply, const model::ModelConfig& config,
                                std::uint32_t first) {
  const std::size_t groups = model::linear_group_count;
  const bool has_head = first == 0 && reply.sites.size() % groups == 1;
  const std::size_t count = reply.sites.size() - (has_head ? 1 : 0);
  const auto blocks = static_cast<std::uint32_t>(count / groups);
  if (count % groups != 0 || blocks == 0 || blocks > config->blocks - first) {
    return table_mismatch(std::to_string(reply.sites.size()) + " sites, but " +
                          std::to_string(config->blocks - first) + " blocks of " +
                          std::to_string(groups) + " from block " + std::to_string(first));
  }
  for (std::size_t i = 0; i < reply.sites.size(); ++i) {
    const SiteEntry& site = reply.sites[i];
    const model::LinearSite wanted =
        i == count ? model::head_site
                   : model::LinearSite{first + static_cast<std::uint32_t>(i / groups),
                                       static_cast<model::LinearGroup>(i % groups)};
    if (site.block != wanted.block || site.group != static_cast<std::uint8_t>(wanted.group) ||
        site.out != config.out_features(wanted.group) ||
        site.in != config.in_features(wanted.group)) {
      return table_mismatch("entry " + std::to_string(i) + " is block " +
                            std::to_string(site.block) + ", group " + std::to_string(site.group) +
                            ", " + std::to_string(site.out) + " by " + std::to_string(site.in));
    }
  }
  return BlockRange{first, first + blocks - 1};
}

Status check_length(std::size_t body_bytes, std::size_t expected_bytes) {
  if (body_bytes == expected_bytes) return Ok{};
  return Error{Errc::malformed, "the setup's body has " + std::to_string(body_bytes) +
                                    " bytes; its table needs " + std::to_string(expected_bytes)};
}

/// Views numbers where they lie. Alignment holds because a vector's storage is aligned for any
/// number and bodies and their parts start at multiples of body_alignment; it is checked all the
/// same.
template <class T>
std::span<const T> numbers(ByteView body, BodyRange range) {
  const ByteView bytes = range.of(body);
  HIPPOCRYPT_CHECK(reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(T) == 0);
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

Status check_scales(std::span<const float> scales) {
  for (const float scale : scales) {
    if (!std::isfinite(scale) || scale < 0) {
      return Error{Errc::malformed, "a row scale in the setup is negative or not a number"};
    }
  }
  return Ok{};
}

/// The sites of a table, with their row scales where they lie and without hints.
Result<std::vector<ServerSite>> sites_of(const SetupContents& table, const SetupLayout& layout,
                                         ByteView body) {
  std::vector<ServerSite> sites;
  sites.reserve(table.sites.size());
  for (std::size_t i = 0; i < table.sites.size(); ++i) {
    const SiteEntry& entry = table.sites[i];
    ServerSite site;
    site.id = {entry.block, static_cast<model::LinearGroup>(entry.group)};
    site.row_scale = numbers<float>(body, layout.sites[i].row_scales);
    HIPPOCRYPT_TRY_VOID(check_scales(site.row_scale));
    const auto bounds = [](SiteBounds of) { return crypto::RowNormBounds{of.max_l2, of.max_l1}; };
    site.forward = {entry.out, entry.in, bounds(entry.forward_bounds), entry.forward_sha256, {}};
    if (!entry.is_head()) {
      site.backward = {
          entry.in, entry.out, bounds(entry.backward_bounds), entry.backward_sha256, {}};
    }
    sites.push_back(site);
  }
  return sites;
}

Result<crypto::LanePolysView> hints_of(const SiteProduct& product, ByteView body, BodyRange range,
                                       std::size_t ring_dim) {
  const auto words = numbers<std::uint32_t>(body, range);
  HIPPOCRYPT_TRY_VOID(check_hints(product, words));
  return crypto::LanePolysView{words, product.outputs, ring_dim};
}

/// Whether the table is one for these parameters.
Status check_params(const SetupContents& table, const crypto::Params& expected) {
  if (table.params_name == expected.name() && table.params_fingerprint == expected.fingerprint()) {
    return Ok{};
  }
  return Error{Errc::mismatch, "the server uses other encryption parameters than " +
                                   expected.name() +
                                   "; choose the same parameter set on both sides"};
}

Result<SetupContents> contents_of(const FrameView& frame) {
  if (frame.type == MessageType::setup_table) {
    HIPPOCRYPT_TRY(SetupContents table, decode<SetupTable>(frame));
    return table;
  }
  HIPPOCRYPT_TRY(SetupContents reply, decode<SetupReply>(frame));
  return reply;
}

}  // namespace

Status check_hints(const SiteProduct& product, std::span<const std::uint32_t> words) {
  HIPPOCRYPT_TRY_VOID(check_hint_words(words));
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(words.data());
  if (sha256({bytes, words.size_bytes()}) == product.hint_sha256) return Ok{};
  return Error{Errc::mismatch,
               "hints do not have the hash that the server's table states; fetch them again"};
}

Result<ServerSetup::Part> ServerSetup::parse_part(SharedBytes frame, const crypto::Params& expected,
                                                  const model::ModelConfig& config,
                                                  std::uint32_t first_block) {
  HIPPOCRYPT_CHECK(static_cast<bool>(frame));
  HIPPOCRYPT_TRY(const FrameView view, open_frame(*frame));
  HIPPOCRYPT_TRY(const SetupContents table, contents_of(view));
  HIPPOCRYPT_TRY_VOID(check_params(table, expected));
  HIPPOCRYPT_TRY(const BlockRange blocks, check_shapes(table, config, first_block));
  const bool with_hints = view.type == MessageType::setup_reply;
  const std::size_t ring_dim = expected.ring_dim();
  const SetupLayout layout =
      with_hints ? lay_out_setup(table.sites, ring_dim) : lay_out_table(table.sites);
  HIPPOCRYPT_TRY_VOID(check_length(view.body.size(), layout.body_bytes));
  HIPPOCRYPT_TRY(auto sites, sites_of(table, layout, view.body));
  for (std::size_t i = 0; with_hints && i < sites.size(); ++i) {
    ServerSite& site = sites[i];
    const SiteLayout& ranges = layout.sites[i];
    HIPPOCRYPT_TRY(site.forward.hints,
                   hints_of(site.forward, view.body, ranges.forward_hints, ring_dim));
    if (site.id == model::head_site) continue;
    HIPPOCRYPT_TRY(site.backward.hints,
                   hints_of(site.backward, view.body, ranges.backward_hints, ring_dim));
  }
  return Part{std::move(frame),
              blocks,
              table.model_fingerprint,
              table.mask_nonce,
              crypto::make_masks(expected, table.model_fingerprint, table.mask_nonce,
                                 masks_needed(table.sites)),
              std::move(sites)};
}

/// The first that is missing.
std::uint32_t ServerSetup::next_block(const std::vector<Part>& parts) {
  return parts.empty() ? 0 : parts.back().blocks.last + 1;
}

/// Of parts that follow each other from block 0.
Result<std::shared_ptr<ServerSetup>> ServerSetup::make(std::vector<Part> parts,
                                                       const crypto::Params& params,
                                                       const model::ModelConfig& config) {
  const std::uint32_t end = next_block(parts);
  if (end != config->blocks) {
    return table_mismatch("no server has block " + std::to_string(end));
  }
  for (const Part& part : parts) {
    if (part.model_fingerprint == parts.front().model_fingerprint) continue;
    return Error{Errc::mismatch, "the servers of " + describe(parts.front().blocks) + " and of " +
                                     describe(part.blocks) +
                                     " have weights of different models; start them with the same"};
  }
  return std::shared_ptr<ServerSetup>{new ServerSetup{std::move(parts), params, config}};
}

Result<std::shared_ptr<ServerSetup>> ServerSetup::parse(std::vector<SharedBytes> frames,
                                                        const crypto::Params& expected,
                                                        const model::ModelConfig& config) {
  std::vector<Part> parts;
  for (SharedBytes& frame : frames) {
    HIPPOCRYPT_TRY(Part part, parse_part(std::move(frame), expected, config, next_block(parts)));
    parts.push_back(std::move(part));
  }
  return make(std::move(parts), expected, config);
}

Result<std::shared_ptr<ServerSetup>> ServerSetup::parse(SharedBytes frame,
                                                        const crypto::Params& expected,
                                                        const model::ModelConfig& config) {
  return parse(std::vector{std::move(frame)}, expected, config);
}

Result<std::shared_ptr<const ServerSetup>> ServerSetup::fetch(ProductTransport& transport,
                                                              const crypto::Params& expected,
                                                              const model::ModelConfig& config,
                                                              std::shared_ptr<HintKeeper> keeper,
                                                              const Hash256& weights) {
  std::vector<Part> parts;
  while (next_block(parts) < config->blocks) {
    const std::uint32_t first = next_block(parts);
    const SetupRequest request{expected.fingerprint(), config.fingerprint(),
                               parts.empty() ? weights : parts.front().model_fingerprint, first,
                               keeper == nullptr};
    HIPPOCRYPT_TRY(SharedBytes frame, transport.exchange(SharedBytes{encode(request)}));
    HIPPOCRYPT_TRY_VOID(open_answer(*frame));
    HIPPOCRYPT_TRY(Part part, parse_part(std::move(frame), expected, config, first));
    parts.push_back(std::move(part));
  }
  HIPPOCRYPT_TRY(auto setup, make(std::move(parts), expected, config));
  if (keeper != nullptr) HIPPOCRYPT_TRY_VOID(keeper->provide(*setup, transport));
  setup->keeper_ = std::move(keeper);
  return std::shared_ptr<const ServerSetup>{std::move(setup)};
}

Result<std::shared_ptr<const ServerSetup>> ServerSetup::fetch_again(
    ProductTransport& transport) const {
  return fetch(transport, params_, config_, keeper_, model_fingerprint_);
}

ServerSetup::ServerSetup(std::vector<Part> parts, const crypto::Params& params,
                         const model::ModelConfig& config)
    : parts_{std::move(parts)},
      params_{params},
      config_{config},
      model_fingerprint_{parts_.front().model_fingerprint} {
  std::optional<ServerSite> head;  // the first part's last, and the model's
  for (Part& part : parts_) {
    for (const ServerSite& site : std::exchange(part.sites, {})) {
      if (site.id == model::head_site) {
        head = site;
      } else {
        sites_.push_back(site);
      }
    }
  }
  if (head) sites_.push_back(*head);
}

void ServerSetup::set_hints(const TileKind& kind, SharedBytes words) {
  SiteProduct& product = sites_[index_of(kind.site)].product(kind.direction);
  product.hints = crypto::LanePolysView{numbers<std::uint32_t>(*words, {0, words->size()}),
                                        product.outputs, params_.ring_dim()};
  kept_.push_back(std::move(words));
}

ProductIds ServerSetup::ids(const TileKind& kind, std::uint64_t request_id) const {
  return {params_.fingerprint(), model_fingerprint_,
          mask_nonce(kind.site), request_id,
          kind.site.block,       static_cast<std::uint8_t>(kind.site.group),
          kind.direction};
}

bool ServerSetup::contains(model::LinearSite site) const {
  if (site == model::head_site) return sites_.size() > config_->blocks * model::linear_group_count;
  return static_cast<std::size_t>(site.group) < model::linear_group_count &&
         site.block < config_->blocks;
}

const ServerSetup::Part& ServerSetup::part(model::LinearSite site) const {
  HIPPOCRYPT_CHECK(contains(site));
  return *std::find_if(parts_.begin(), parts_.end(),
                       [&](const Part& part) { return part.blocks.holds(site.block); });
}

const ServerSite& ServerSetup::at(model::LinearSite site) const { return sites_[index_of(site)]; }

std::size_t ServerSetup::index_of(model::LinearSite site) const {
  HIPPOCRYPT_CHECK(contains(site));
  if (site == model::head_site) return sites_.size() - 1;
  return std::size_t{site.block} * model::linear_group_count + static_cast<std::size_t>(site.group);
}

}  // namespace hippocrypt::protocol
