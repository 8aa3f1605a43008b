#include "protocol/server/setup_builder.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "protocol/core/setup_layout.hpp"

namespace hippocrypt::protocol {
namespace {

static_assert(head_group == static_cast<std::uint8_t>(model::LinearGroup::head));

/// Of a server of these blocks, whose head comes last.
model::LinearSite site_at(std::size_t index, const BlockRange& range) {
  if (index == range.count() * model::linear_group_count) return model::head_site;
  return {range.first + static_cast<std::uint32_t>(index / model::linear_group_count),
          static_cast<model::LinearGroup>(index % model::linear_group_count)};
}

std::string describe(model::LinearSite site) {
  if (site == model::head_site) return "the output head";
  return "block " + std::to_string(site.block) + ", " + model::to_string(site.group);
}

std::size_t site_count(const SetupSources& sources) {
  const BlockRange range = sources.range();
  const bool offers_head = sources.base.head.size() != 0 && range.first == 0;
  return range.count() * model::linear_group_count + (offers_head ? 1 : 0);
}

Status check_shapes(const SetupSources& sources) {
  const auto& config = sources.config;
  if (sources.base.blocks.size() != config->blocks) {
    return Error{Errc::mismatch, "the weights have " + std::to_string(sources.base.blocks.size()) +
                                     " blocks, the configuration says " +
                                     std::to_string(config->blocks)};
  }
  const BlockRange range = sources.range();
  const bool beyond =
      sources.blocks.last != BlockRange{}.last && sources.blocks.last >= config->blocks;
  if (range.count() == 0 || beyond) {
    return Error{Errc::out_of_range, describe(sources.blocks) +
                                         " cannot be served: the model has " +
                                         describe(BlockRange{}.within(config->blocks))};
  }
  const std::size_t count = site_count(sources);
  if (count > max_sites) {
    const std::size_t heads = count % model::linear_group_count;
    return Error{Errc::limit_exceeded,
                 "a model may have at most " +
                     std::to_string((max_sites - heads) / model::linear_group_count) +
                     " blocks, not " + std::to_string(config->blocks)};
  }
  for (std::size_t i = 0; i < count; ++i) {
    const model::LinearSite site = site_at(i, range);
    const Matrix& weights = sources.base.at(site);
    const std::size_t out = config.out_features(site.group), in = config.in_features(site.group);
    if (weights.rows() != out || weights.cols() != in) {
      return Error{Errc::mismatch, describe(site) + " is " + std::to_string(weights.rows()) +
                                       " by " + std::to_string(weights.cols()) +
                                       ", the configuration says " + std::to_string(out) + " by " +
                                       std::to_string(in)};
    }
    const std::size_t most_out = site == model::head_site ? max_head_rows : max_features;
    if (out > most_out || in > max_features) {
      return Error{Errc::limit_exceeded,
                   describe(site) + " is larger than " +
                       std::to_string(out > most_out ? most_out : max_features) +
                       " features, the most that a message can carry"};
    }
  }
  return Ok{};
}

std::vector<SiteEntry> table_of(const SetupSources& sources) {
  const model::ModelConfig& config = sources.config;
  std::vector<SiteEntry> table(site_count(sources));
  for (std::size_t i = 0; i < table.size(); ++i) {
    const model::LinearSite site = site_at(i, sources.range());
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

/// One site's weights as the server uses them.
struct QuantizedSite {
  model::QuantizedMatrix forward;      ///< W
  std::vector<std::int8_t> transpose;  ///< Wᵀ; empty for the head
  bool is_head = false;

  crypto::Int8MatrixView w() const { return {forward.values, forward.rows, forward.cols}; }
  crypto::Int8MatrixView w_transposed() const { return {transpose, forward.cols, forward.rows}; }
  ByteView scales() const {
    return {reinterpret_cast<const std::uint8_t*>(forward.row_scale.data()),
            forward.row_scale.size() * sizeof(float)};
  }
};

Result<QuantizedSite> quantize_site(const SetupSources& sources, std::size_t index) {
  const model::LinearSite id = site_at(index, sources.range());
  QuantizedSite site;
  HIPPOCRYPT_TRY(site.forward, model::quantize_rows(sources.base.at(id)));
  site.is_head = id == model::head_site;
  if (!site.is_head) site.transpose = transposed(site.forward);
  return site;
}

Result<std::unique_ptr<crypto::LweWeights>> pack_scalar(crypto::Int8MatrixView weights) {
  HIPPOCRYPT_TRY(auto packed, crypto::LweWeights::create(weights));
  return std::make_unique<crypto::LweWeights>(std::move(packed));
}

Result<PackedSite> pack_site(const QuantizedSite& site, bool offer_scalar) {
  PackedSite packed;
  HIPPOCRYPT_TRY(packed.forward, crypto::pack_weights(site.w()));
  if (offer_scalar) {
    HIPPOCRYPT_TRY(packed.scalar_forward, pack_scalar(site.w()));
  }
  if (site.is_head) return packed;
  HIPPOCRYPT_TRY(packed.backward, crypto::pack_weights(site.w_transposed()));
  if (!offer_scalar) return packed;
  HIPPOCRYPT_TRY(packed.scalar_backward, pack_scalar(site.w_transposed()));
  return packed;
}

/// A setup reply and where its body's parts lie.
struct LaidOutReply {
  SetupReply reply;
  SetupLayout layout;
};

/// What the sources say about the setup; the sites' bounds and hashes are still missing.
Result<LaidOutReply> start_reply(const SetupSources& sources) {
  HIPPOCRYPT_CHECK(sources.threads >= 1);
  HIPPOCRYPT_TRY_VOID(check_shapes(sources));
  SetupReply reply;
  reply.params_name = sources.params.name();
  reply.params_fingerprint = sources.params.fingerprint();
  reply.model_fingerprint = sources.model_fingerprint;
  reply.mask_nonce = sources.mask_nonce;
  reply.sites = table_of(sources);
  SetupLayout layout = lay_out_setup(reply.sites, sources.params.ring_dim());
  if (layout.body_bytes > max_setup_body_bytes) {
    return Error{Errc::limit_exceeded,
                 "the hints take " + std::to_string(layout.body_bytes / gibibyte) +
                     " GiB; the limit is " + std::to_string(max_setup_body_bytes / gibibyte) +
                     " GiB: use the parameter set rlwe1024 or a smaller model"};
  }
  return LaidOutReply{std::move(reply), std::move(layout)};
}

void write_part(std::uint8_t* body, BodyRange range, ByteView part) {
  HIPPOCRYPT_CHECK(range.size_bytes == part.size());
  std::memcpy(body + range.offset, part.data(), part.size());
}

/// Writes one site's scales and hints to the body, and its bounds and hashes to the table.
void write_site(const QuantizedSite& site, crypto::LanePolysView masks, int threads,
                const SiteLayout& layout, SiteEntry& entry, std::uint8_t* body) {
  write_part(body, layout.row_scales, site.scales());
  const auto write_hints = [&](crypto::Int8MatrixView matrix, BodyRange range) {
    const crypto::LanePolys hints = crypto::compute_hints(matrix, masks, threads);
    const auto words = hints.view().words();
    const ByteView bytes{reinterpret_cast<const std::uint8_t*>(words.data()), words.size_bytes()};
    write_part(body, range, bytes);
    return sha256(bytes);
  };
  entry.forward_bounds = row_bounds(site.w());
  entry.forward_sha256 = write_hints(site.w(), layout.forward_hints);
  if (site.is_head) return;
  entry.backward_bounds = row_bounds(site.w_transposed());
  entry.backward_sha256 = write_hints(site.w_transposed(), layout.backward_hints);
}

Error foreign_frame(const std::string& what) {
  return {Errc::mismatch, "these hints were made for " + what};
}

/// The frame's table must say what ours says, bounds and hashes apart.
Status check_table(const SetupReply& found, const SetupReply& wanted) {
  if (found.params_fingerprint != wanted.params_fingerprint) {
    return foreign_frame("other encryption parameters");
  }
  if (found.model_fingerprint != wanted.model_fingerprint) return foreign_frame("other weights");
  if (found.mask_nonce != wanted.mask_nonce) return foreign_frame("other masks");
  if (found.sites.size() != wanted.sites.size()) return foreign_frame("a model of another shape");
  for (std::size_t i = 0; i < wanted.sites.size(); ++i) {
    const SiteEntry &a = found.sites[i], &b = wanted.sites[i];
    if (a.block != b.block || a.group != b.group || a.out != b.out || a.in != b.in) {
      return foreign_frame("a model of another shape");
    }
  }
  return Ok{};
}

Status check_site(const QuantizedSite& site, const SiteEntry& entry, const SiteLayout& layout,
                  ByteView body) {
  const SiteBounds backward = site.is_head ? SiteBounds{} : row_bounds(site.w_transposed());
  if (entry.forward_bounds != row_bounds(site.w()) || entry.backward_bounds != backward ||
      !same_bytes(layout.row_scales.of(body), site.scales())) {
    return foreign_frame("other weights");
  }
  const bool intact =
      sha256(layout.forward_hints.of(body)) == entry.forward_sha256 &&
      (site.is_head || sha256(layout.backward_hints.of(body)) == entry.backward_sha256);
  if (intact) return Ok{};
  return Error{Errc::mismatch, "these hints do not have the hashes that their table states"};
}

}  // namespace

Result<ServerParts> build_server_parts(const SetupSources& sources) {
  HIPPOCRYPT_TRY(LaidOutReply made, start_reply(sources));
  SetupReply& reply = made.reply;
  // The envelope's length depends on the number of sites only, so that it can be filled in last.
  const FrameLayout layout = frame_layout(envelope_bytes(reply).size(), made.layout.body_bytes);
  Bytes frame = start_frame(SetupReply::message_type, layout);
  std::uint8_t* const body = frame.data() + layout.body_offset;

  const crypto::LanePolys masks = crypto::make_masks(sources.params, sources.model_fingerprint,
                                                     sources.mask_nonce, masks_needed(reply.sites));
  ServerParts parts;
  parts.sites.reserve(reply.sites.size());
  for (std::size_t i = 0; i < reply.sites.size(); ++i) {
    HIPPOCRYPT_TRY(const QuantizedSite site, quantize_site(sources, i));
    write_site(site, masks.view(), sources.threads, made.layout.sites[i], reply.sites[i], body);
    HIPPOCRYPT_TRY(PackedSite packed, pack_site(site, sources.offer_scalar));
    parts.sites.push_back(std::move(packed));
  }

  HIPPOCRYPT_CHECK(reply.validate().has_value());
  const Bytes envelope = envelope_bytes(reply);
  HIPPOCRYPT_CHECK(envelope.size() == layout.envelope_bytes);
  std::memcpy(frame.data() + frame_header_bytes, envelope.data(), envelope.size());
  parts.setup_frame = SharedBytes{std::move(frame)};
  return parts;
}

Result<crypto::LanePolys> compute_site_hints(const model::BaseWeights& base, model::LinearSite site,
                                             Direction direction, crypto::LanePolysView masks,
                                             int threads) {
  HIPPOCRYPT_TRY(const model::QuantizedMatrix weights, model::quantize_rows(base.at(site)));
  if (direction == Direction::forward) {
    return crypto::compute_hints({weights.values, weights.rows, weights.cols}, masks, threads);
  }
  const std::vector<std::int8_t> transpose = transposed(weights);
  return crypto::compute_hints({transpose, weights.cols, weights.rows}, masks, threads);
}

Result<ServerParts> adopt_setup_frame(const SetupSources& sources, SharedBytes frame) {
  HIPPOCRYPT_TRY(const LaidOutReply wanted, start_reply(sources));
  HIPPOCRYPT_TRY(const FrameView view, open_frame(*frame));
  HIPPOCRYPT_TRY(const SetupReply found, decode<SetupReply>(view));
  HIPPOCRYPT_TRY_VOID(check_table(found, wanted.reply));
  if (view.body.size() != wanted.layout.body_bytes) {
    return foreign_frame("a model of another shape");
  }
  ServerParts parts;
  parts.sites.reserve(found.sites.size());
  for (std::size_t i = 0; i < found.sites.size(); ++i) {
    HIPPOCRYPT_TRY(const QuantizedSite site, quantize_site(sources, i));
    HIPPOCRYPT_TRY_VOID(check_site(site, found.sites[i], wanted.layout.sites[i], view.body));
    HIPPOCRYPT_TRY(PackedSite packed, pack_site(site, sources.offer_scalar));
    parts.sites.push_back(std::move(packed));
  }
  parts.setup_frame = std::move(frame);
  return parts;
}

}  // namespace hippocrypt::protocol
