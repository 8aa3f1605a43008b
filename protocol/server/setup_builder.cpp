#include "protocol/server/setup_builder.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "protocol/core/setup_layout.hpp"

namespace hippocrypt::protocol {
namespace {

model::LinearSite site_at(std::size_t index) {
  return {static_cast<std::uint32_t>(index / model::linear_group_count),
          static_cast<model::LinearGroup>(index % model::linear_group_count)};
}

std::string describe(model::LinearSite site) {
  return "block " + std::to_string(site.block) + ", " + model::to_string(site.group);
}

Status check_shapes(const SetupSources& sources) {
  const auto& config = sources.config;
  if (sources.base.blocks.size() != config->blocks) {
    return Error{Errc::mismatch, "the weights have " + std::to_string(sources.base.blocks.size()) +
                                     " blocks, the configuration says " +
                                     std::to_string(config->blocks)};
  }
  if (config->blocks * model::linear_group_count > max_sites) {
    return Error{Errc::limit_exceeded, "a model may have at most " +
                                           std::to_string(max_sites / model::linear_group_count) +
                                           " blocks, not " + std::to_string(config->blocks)};
  }
  for (std::size_t i = 0; i < config->blocks * model::linear_group_count; ++i) {
    const model::LinearSite site = site_at(i);
    const Matrix& weights = sources.base.at(site);
    const std::size_t out = config.out_features(site.group), in = config.in_features(site.group);
    if (weights.rows() != out || weights.cols() != in) {
      return Error{Errc::mismatch, describe(site) + " is " + std::to_string(weights.rows()) +
                                       " by " + std::to_string(weights.cols()) +
                                       ", the configuration says " + std::to_string(out) + " by " +
                                       std::to_string(in)};
    }
    if (out > max_features || in > max_features) {
      return Error{Errc::limit_exceeded, describe(site) + " is larger than " +
                                             std::to_string(max_features) +
                                             " features, the most that a message can carry"};
    }
  }
  return Ok{};
}

std::vector<SiteEntry> table_of(const model::ModelConfig& config) {
  std::vector<SiteEntry> table(config->blocks * model::linear_group_count);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const model::LinearSite site = site_at(i);
    table[i].block = site.block;
    table[i].group = static_cast<std::uint8_t>(site.group);
    table[i].out = static_cast<std::uint32_t>(config.out_features(site.group));
    table[i].in = static_cast<std::uint32_t>(config.in_features(site.group));
  }
  return table;
}

std::vector<std::int8_t> transposed(const model::QuantizedMatrix& weights) {
  std::vector<std::int8_t> out(weights.values.size());
  constexpr std::size_t block = 64;  // both sides of a block stay in the first-level cache
  for (std::size_t r0 = 0; r0 < weights.rows; r0 += block) {
    const std::size_t r1 = std::min(weights.rows, r0 + block);
    for (std::size_t c0 = 0; c0 < weights.cols; c0 += block) {
      const std::size_t c1 = std::min(weights.cols, c0 + block);
      for (std::size_t r = r0; r < r1; ++r) {
        for (std::size_t c = c0; c < c1; ++c) {
          out[c * weights.rows + r] = weights.values[r * weights.cols + c];
        }
      }
    }
  }
  return out;
}

SiteBounds row_bounds(crypto::Int8MatrixView weights) {
  std::int64_t max_squares = 0, max_sum = 0;
  for (std::size_t r = 0; r < weights.out; ++r) {
    std::int64_t squares = 0, sum = 0;
    for (const std::int8_t value : weights.values.subspan(r * weights.in, weights.in)) {
      const std::int64_t wide = value;
      squares += wide * wide;
      sum += wide < 0 ? -wide : wide;
    }
    max_squares = std::max(max_squares, squares);
    max_sum = std::max(max_sum, sum);
  }
  return {std::sqrt(static_cast<double>(max_squares)), static_cast<double>(max_sum)};
}

/// What one site adds: packed weights, bounds in its entry, scales and hints in the body.
Result<PackedSite> build_site(const SetupSources& sources, crypto::LanePolysView masks,
                              const Matrix& weights, SiteEntry& entry, std::uint8_t* body) {
  HIPPOCRYPT_TRY(const model::QuantizedMatrix quantized, model::quantize_rows(weights));
  const std::vector<std::int8_t> back = transposed(quantized);
  const crypto::Int8MatrixView w{quantized.values, quantized.rows, quantized.cols};
  const crypto::Int8MatrixView w_transposed{back, quantized.cols, quantized.rows};
  entry.forward_bounds = row_bounds(w);
  entry.backward_bounds = row_bounds(w_transposed);

  const auto write = [body](BodyRange range, const void* data, std::size_t size_bytes) {
    HIPPOCRYPT_CHECK(range.size_bytes == size_bytes);
    std::memcpy(body + range.offset, data, size_bytes);
  };
  write(entry.row_scales, quantized.row_scale.data(), quantized.row_scale.size() * sizeof(float));
  const auto write_hints = [&](crypto::Int8MatrixView matrix, BodyRange range) {
    const crypto::LanePolys hints = crypto::compute_hints(matrix, masks, sources.threads);
    const auto words = hints.view().words();
    write(range, words.data(), words.size_bytes());
  };
  write_hints(w, entry.forward_hints);
  write_hints(w_transposed, entry.backward_hints);

  PackedSite site;
  HIPPOCRYPT_TRY(site.forward, crypto::pack_weights(w));
  HIPPOCRYPT_TRY(site.backward, crypto::pack_weights(w_transposed));
  return site;
}

}  // namespace

Result<ServerParts> build_server_parts(const SetupSources& sources) {
  HIPPOCRYPT_CHECK(sources.threads >= 1);
  HIPPOCRYPT_TRY_VOID(check_shapes(sources));

  SetupReply reply;
  reply.params_name = sources.params.name();
  reply.params_fingerprint = sources.params.fingerprint();
  reply.model_fingerprint = sources.model_fingerprint;
  reply.mask_nonce = sources.mask_nonce;
  reply.sites = table_of(sources.config);
  const std::size_t body_bytes = lay_out_setup_body(reply.sites, sources.params.ring_dim());
  if (body_bytes > max_setup_body_bytes) {
    return Error{Errc::limit_exceeded,
                 "the hints take " + std::to_string(body_bytes / gibibyte) + " GiB; the limit is " +
                     std::to_string(max_setup_body_bytes / gibibyte) +
                     " GiB: use the parameter set rlwe1024 or a smaller model"};
  }
  // The envelope's length depends on the number of sites only, so that it can be filled in last.
  const FrameLayout layout = frame_layout(envelope_bytes(reply).size(), body_bytes);
  auto frame = std::make_shared<Bytes>(start_frame(SetupReply::message_type, layout));
  std::uint8_t* const body = frame->data() + layout.body_offset;

  const crypto::LanePolys masks = crypto::make_masks(sources.params, sources.model_fingerprint,
                                                     sources.mask_nonce, masks_needed(reply.sites));
  ServerParts parts;
  parts.sites.reserve(reply.sites.size());
  for (std::size_t i = 0; i < reply.sites.size(); ++i) {
    HIPPOCRYPT_TRY(PackedSite site, build_site(sources, masks.view(), sources.base.at(site_at(i)),
                                               reply.sites[i], body));
    parts.sites.push_back(std::move(site));
  }

  reply.body_sha256 = sha256({body, body_bytes});
  HIPPOCRYPT_CHECK(reply.validate().has_value());
  const Bytes envelope = envelope_bytes(reply);
  HIPPOCRYPT_CHECK(envelope.size() == layout.envelope_bytes);
  std::memcpy(frame->data() + frame_header_bytes, envelope.data(), envelope.size());
  parts.setup_frame = std::move(frame);
  return parts;
}

}  // namespace hippocrypt::protocol
