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

Status check_shapes(const SetupReply& reply, const model::ModelConfig& config) {
  const std::size_t count = config->blocks * model::linear_group_count;
  if (reply.sites.size() != count && reply.sites.size() != count + 1) {
    return table_mismatch(std::to_string(reply.sites.size()) + " sites instead of " +
                          std::to_string(count) + ", or one more with the output head");
  }
  for (std::size_t i = 0; i < reply.sites.size(); ++i) {
    const SiteEntry& site = reply.sites[i];
    const model::LinearSite wanted =
        i == count
            ? model::head_site
            : model::LinearSite{static_cast<std::uint32_t>(i / model::linear_group_count),
                                static_cast<model::LinearGroup>(i % model::linear_group_count)};
    if (site.block != wanted.block || site.group != static_cast<std::uint8_t>(wanted.group) ||
        site.out != config.out_features(wanted.group) ||
        site.in != config.in_features(wanted.group)) {
      return table_mismatch("entry " + std::to_string(i) + " is block " +
                            std::to_string(site.block) + ", group " + std::to_string(site.group) +
                            ", " + std::to_string(site.out) + " by " + std::to_string(site.in));
    }
  }
  return Ok{};
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

Result<std::shared_ptr<const ServerSetup>> ServerSetup::parse(SharedBytes frame,
                                                              const crypto::Params& expected,
                                                              const model::ModelConfig& config) {
  HIPPOCRYPT_CHECK(static_cast<bool>(frame));
  HIPPOCRYPT_TRY(const FrameView view, open_frame(*frame));
  HIPPOCRYPT_TRY(const SetupReply reply, decode<SetupReply>(view));
  if (reply.params_name != expected.name() || reply.params_fingerprint != expected.fingerprint()) {
    return Error{Errc::mismatch, "the server uses other encryption parameters than " +
                                     expected.name() +
                                     "; choose the same parameter set on both sides"};
  }
  HIPPOCRYPT_TRY_VOID(check_shapes(reply, config));
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
  return std::shared_ptr<const ServerSetup>{
      new ServerSetup{std::move(frame), expected, config, reply, std::move(sites)}};
}

Result<std::shared_ptr<const ServerSetup>> ServerSetup::fetch(ProductTransport& transport,
                                                              const crypto::Params& expected,
                                                              const model::ModelConfig& config) {
  HIPPOCRYPT_TRY(SharedBytes frame, transport.exchange(SharedBytes{encode(SetupRequest{
                                        expected.fingerprint(), config.fingerprint()})}));
  HIPPOCRYPT_TRY(const FrameView view, open_frame(*frame));
  if (view.type == MessageType::error_reply) {
    HIPPOCRYPT_TRY(const ErrorReply refusal, decode<ErrorReply>(view));
    return refusal.to_error();
  }
  return parse(std::move(frame), expected, config);
}

ServerSetup::ServerSetup(SharedBytes frame, const crypto::Params& params,
                         const model::ModelConfig& config, const SetupReply& reply,
                         std::vector<ServerSite> sites)
    : frame_{std::move(frame)},
      params_{params},
      config_{config},
      model_fingerprint_{reply.model_fingerprint},
      mask_nonce_{reply.mask_nonce},
      masks_{crypto::make_masks(params, reply.model_fingerprint, reply.mask_nonce,
                                masks_needed(reply.sites))},
      sites_{std::move(sites)} {}

bool ServerSetup::contains(model::LinearSite site) const {
  if (site == model::head_site) return sites_.size() > config_->blocks * model::linear_group_count;
  return static_cast<std::size_t>(site.group) < model::linear_group_count &&
         site.block < config_->blocks;
}

const ServerSite& ServerSetup::at(model::LinearSite site) const {
  HIPPOCRYPT_CHECK(contains(site));
  if (site == model::head_site) return sites_.back();
  return sites_[std::size_t{site.block} * model::linear_group_count +
                static_cast<std::size_t>(site.group)];
}

}  // namespace hippocrypt::protocol
