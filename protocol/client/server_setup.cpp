#include "protocol/client/server_setup.hpp"

#include <algorithm>
#include <cmath>

#include "protocol/core/setup_layout.hpp"

namespace hippocrypt::protocol {
namespace {

Error table_mismatch(const std::string& what) {
  return {Errc::mismatch, "the setup table does not fit the model: " + what +
                              "; use the same model on server and client"};
}

/// The blocks of the table, which must be whole, in their order and start with `first`, the head
/// last.
Result<BlockRange> check_shapes(const SetupReply& reply, const model::ModelConfig& config,
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

/// Offsets and lengths must be those that the shapes imply: they are compared, never followed.
Status check_layout(const SetupReply& reply, std::size_t ring_dim, std::size_t body_bytes) {
  std::vector<SiteEntry> expected = reply.sites;
  const std::size_t expected_bytes = lay_out_setup_body(expected, ring_dim);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i].row_scales != reply.sites[i].row_scales ||
        expected[i].forward_hints != reply.sites[i].forward_hints ||
        expected[i].backward_hints != reply.sites[i].backward_hints) {
      return Error{Errc::malformed,
                   "entry " + std::to_string(i) +
                       " of the setup table has offsets or lengths that its shape does not give"};
    }
  }
  if (body_bytes != expected_bytes) {
    return Error{Errc::malformed, "the setup's body has " + std::to_string(body_bytes) +
                                      " bytes; its table needs " + std::to_string(expected_bytes)};
  }
  return Ok{};
}

/// Views numbers where they lie. Alignment holds because a vector's storage is aligned for any
/// number and bodies and their parts start at multiples of body_alignment; it is checked all the
/// same.
template <class T>
std::span<const T> numbers(ByteView body, BodyRange range) {
  const ByteView bytes = body.subspan(static_cast<std::size_t>(range.offset),
                                      static_cast<std::size_t>(range.size_bytes));
  HIPPOCRYPT_CHECK(reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(T) == 0);
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

Result<crypto::LanePolysView> hints_view(ByteView body, BodyRange range, std::size_t count,
                                         std::size_t ring_dim) {
  const auto words = numbers<std::uint32_t>(body, range);
  // The largest word decides, so that the loop has no exit and runs at the speed of memory.
  std::uint32_t largest = 0;
  for (const std::uint32_t word : words) largest = std::max(largest, word);
  if (largest >= crypto::modulus_q) {
    return Error{Errc::malformed, "a hint in the setup is not below the modulus"};
  }
  return crypto::LanePolysView{words, count, ring_dim};
}

Result<ServerSite> site_view(const SiteEntry& entry, ByteView body, std::size_t ring_dim) {
  ServerSite site;
  site.row_scale = numbers<float>(body, entry.row_scales);
  for (const float scale : site.row_scale) {
    if (!std::isfinite(scale) || scale < 0) {
      return Error{Errc::malformed, "a row scale in the setup is negative or not a number"};
    }
  }
  HIPPOCRYPT_TRY(const crypto::LanePolysView forward,
                 hints_view(body, entry.forward_hints, entry.out, ring_dim));
  site.forward = {
      entry.out, entry.in, {entry.forward_bounds.max_l2, entry.forward_bounds.max_l1}, forward};
  if (entry.is_head()) return site;
  HIPPOCRYPT_TRY(const crypto::LanePolysView backward,
                 hints_view(body, entry.backward_hints, entry.in, ring_dim));
  site.backward = {
      entry.in, entry.out, {entry.backward_bounds.max_l2, entry.backward_bounds.max_l1}, backward};
  return site;
}

}  // namespace

Result<ServerSetup::Part> ServerSetup::parse_part(SharedBytes frame, const crypto::Params& expected,
                                                  const model::ModelConfig& config,
                                                  std::uint32_t first_block) {
  HIPPOCRYPT_CHECK(static_cast<bool>(frame));
  HIPPOCRYPT_TRY(const FrameView view, open_frame(*frame));
  HIPPOCRYPT_TRY(const SetupReply reply, decode<SetupReply>(view));
  if (reply.params_name != expected.name() || reply.params_fingerprint != expected.fingerprint()) {
    return Error{Errc::mismatch, "the server uses other encryption parameters than " +
                                     expected.name() +
                                     "; choose the same parameter set on both sides"};
  }
  HIPPOCRYPT_TRY(const BlockRange blocks, check_shapes(reply, config, first_block));
  HIPPOCRYPT_TRY_VOID(check_layout(reply, expected.ring_dim(), view.body.size()));
  if (sha256(view.body) != reply.body_sha256) {
    return Error{Errc::mismatch,
                 "the setup's body does not have the hash that its table states; fetch it again"};
  }
  std::vector<ServerSite> sites;
  sites.reserve(reply.sites.size());
  for (const SiteEntry& entry : reply.sites) {
    HIPPOCRYPT_TRY(const ServerSite site, site_view(entry, view.body, expected.ring_dim()));
    sites.push_back(site);
  }
  return Part{std::move(frame),
              blocks,
              reply.model_fingerprint,
              reply.mask_nonce,
              crypto::make_masks(expected, reply.model_fingerprint, reply.mask_nonce,
                                 masks_needed(reply.sites)),
              std::move(sites)};
}

/// The first that is missing.
std::uint32_t ServerSetup::next_block(const std::vector<Part>& parts) {
  return parts.empty() ? 0 : parts.back().blocks.last + 1;
}

/// Of parts that follow each other from block 0.
Result<std::shared_ptr<const ServerSetup>> ServerSetup::make(std::vector<Part> parts,
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
  return std::shared_ptr<const ServerSetup>{new ServerSetup{std::move(parts), params, config}};
}

Result<std::shared_ptr<const ServerSetup>> ServerSetup::parse(std::vector<SharedBytes> frames,
                                                              const crypto::Params& expected,
                                                              const model::ModelConfig& config) {
  std::vector<Part> parts;
  for (SharedBytes& frame : frames) {
    HIPPOCRYPT_TRY(Part part, parse_part(std::move(frame), expected, config, next_block(parts)));
    parts.push_back(std::move(part));
  }
  return make(std::move(parts), expected, config);
}

Result<std::shared_ptr<const ServerSetup>> ServerSetup::parse(SharedBytes frame,
                                                              const crypto::Params& expected,
                                                              const model::ModelConfig& config) {
  return parse(std::vector{std::move(frame)}, expected, config);
}

Result<std::shared_ptr<const ServerSetup>> ServerSetup::fetch(ProductTransport& transport,
                                                              const crypto::Params& expected,
                                                              const model::ModelConfig& config) {
  std::vector<Part> parts;
  while (next_block(parts) < config->blocks) {
    const std::uint32_t first = next_block(parts);
    const SetupRequest request{expected.fingerprint(), config.fingerprint(), first};
    HIPPOCRYPT_TRY(SharedBytes frame, transport.exchange(SharedBytes{encode(request)}));
    HIPPOCRYPT_TRY(const FrameView view, open_frame(*frame));
    if (view.type == MessageType::error_reply) {
      HIPPOCRYPT_TRY(const ErrorReply refusal, decode<ErrorReply>(view));
      return refusal.to_error();
    }
    HIPPOCRYPT_TRY(Part part, parse_part(std::move(frame), expected, config, first));
    parts.push_back(std::move(part));
  }
  return make(std::move(parts), expected, config);
}

ServerSetup::ServerSetup(std::vector<Part> parts, const crypto::Params& params,
                         const model::ModelConfig& config)
    : parts_{std::move(parts)},
      params_{params},
      config_{config},
      model_fingerprint_{parts_.front().model_fingerprint} {}

bool ServerSetup::contains(model::LinearSite site) const {
  if (site == model::head_site) {
    const Part& first = parts_.front();
    return first.sites.size() > first.blocks.count() * model::linear_group_count;
  }
  return static_cast<std::size_t>(site.group) < model::linear_group_count &&
         site.block < config_->blocks;
}

const ServerSetup::Part& ServerSetup::part(model::LinearSite site) const {
  HIPPOCRYPT_CHECK(contains(site));
  return *std::find_if(parts_.begin(), parts_.end(),
                       [&](const Part& part) { return part.blocks.holds(site.block); });
}

const ServerSite& ServerSetup::at(model::LinearSite site) const {
  const Part& holder = part(site);
  if (site == model::head_site) return holder.sites.back();
  return holder.sites[std::size_t{site.block - holder.blocks.first} * model::linear_group_count +
                      static_cast<std::size_t>(site.group)];
}

}  // namespace hippocrypt::protocol
