#include "protocol/server/setup_service.hpp"

#include <algorithm>

#include "protocol/core/hint_packing.hpp"

namespace hippocrypt::protocol {
namespace {

/// The setup without its hints.
SharedBytes table_frame(const SetupReply& reply, const SetupLayout& full, ByteView body) {
  SetupTable table;
  static_cast<SetupContents&>(table) = reply;
  const SetupLayout layout = lay_out_table(table.sites);
  FrameInPlace frame = encode_in_place(table, layout.body_bytes);
  for (std::size_t i = 0; i < layout.sites.size(); ++i) {
    const ByteView scales = full.sites[i].row_scales.of(body);
    std::copy(
        scales.begin(), scales.end(),
        frame.body().begin() + static_cast<std::ptrdiff_t>(layout.sites[i].row_scales.offset));
  }
  return SharedBytes{std::move(frame.bytes)};
}

}  // namespace

SetupService::SetupService(const SetupSources& sources, SharedBytes frame)
    : config_fingerprint_{sources.config.fingerprint()},
      blocks_{sources.config->blocks},
      range_{sources.range()},
      frame_{std::move(frame)} {
  const FrameView view = open_frame(*frame_).value();
  body_ = view.body;
  table_ = decode<SetupReply>(view).value();
  layout_ = lay_out_setup(table_.sites, sources.params.ring_dim());
  HIPPOCRYPT_CHECK(layout_.body_bytes == body_.size());
  table_frame_ = table_frame(table_, layout_, body_);
}

Result<SharedBytes> SetupService::answer(const FrameView& request) const {
  return request.type == MessageType::setup_request ? answer_setup(request) : answer_hints(request);
}

Result<SharedBytes> SetupService::answer_setup(const FrameView& frame) const {
  HIPPOCRYPT_TRY(const SetupRequest request, decode<SetupRequest>(frame));
  if (request.params_fingerprint != table_.params_fingerprint) {
    return Error{Errc::mismatch,
                 "the request is for other encryption parameters than this server's; choose the "
                 "same parameter set on both sides"};
  }
  if (request.config_fingerprint != config_fingerprint_) {
    return Error{Errc::mismatch,
                 "the request is for a model of another shape than this server's; use the same "
                 "model on both sides"};
  }
  HIPPOCRYPT_TRY_VOID(check_block(request.block));
  return request.with_hints ? frame_ : table_frame_;
}

Result<SharedBytes> SetupService::answer_hints(const FrameView& frame) const {
  HIPPOCRYPT_TRY(const HintRequest request, decode<HintRequest>(frame));
  HIPPOCRYPT_TRY(const std::size_t index, find_site(request.ids));
  const SiteLayout& site = layout_.sites[index];
  const BodyRange range =
      request.ids.direction == Direction::forward ? site.forward_hints : site.backward_hints;
  const std::size_t words = range.size_bytes / sizeof(std::uint32_t);
  if (request.first_word > words || request.words > words - request.first_word) {
    return Error{Errc::out_of_range,
                 "these hints have " + std::to_string(words) + " words; there is no piece of " +
                     std::to_string(request.words) + " from " + std::to_string(request.first_word)};
  }
  HintReply reply;
  static_cast<HintRange&>(reply) = request;
  FrameInPlace out = encode_in_place(reply, reply.body_bytes());
  // Parts of a body start at multiples of body_alignment, so that they can be read as words.
  const auto* const all = reinterpret_cast<const std::uint32_t*>(range.of(body_).data());
  pack_hints({all + request.first_word, request.words}, out.body());
  return SharedBytes{std::move(out.bytes)};
}

Result<std::size_t> SetupService::find_site(const ProductIds& ids) const {
  if (ids.params_fingerprint != table_.params_fingerprint) {
    return Error{Errc::mismatch,
                 "the request was made with other encryption parameters than this server's; choose "
                 "the same parameter set on both sides"};
  }
  if (ids.model_fingerprint != table_.model_fingerprint) {
    return Error{Errc::mismatch,
                 "the request was made for other weights than this server's; use the same model on "
                 "both sides"};
  }
  if (ids.mask_nonce != table_.mask_nonce) {
    return Error{Errc::stale, "the masks have been replaced; fetch the setup again"};
  }
  const auto found = std::find_if(
      table_.sites.begin(), table_.sites.end(),
      [&](const SiteEntry& site) { return site.block == ids.block && site.group == ids.group; });
  if (found != table_.sites.end()) {
    return static_cast<std::size_t>(found - table_.sites.begin());
  }
  if (ids.block < blocks_ && ids.group < model::linear_group_count) {
    HIPPOCRYPT_TRY_VOID(check_block(ids.block));
  }
  return Error{Errc::out_of_range, "this model has no block " + std::to_string(ids.block) +
                                       ", group " + std::to_string(ids.group) + "; it has " +
                                       std::to_string(blocks_) + " blocks of " +
                                       std::to_string(model::linear_group_count) + " groups"};
}

Status SetupService::check_block(std::uint32_t block) const {
  if (range_.holds(block)) return Ok{};
  return Error{Errc::not_found, "this server holds " + describe(range_) + " only, not block " +
                                    std::to_string(block) +
                                    "; the hospital's blocks must be those of its servers"};
}

}  // namespace hippocrypt::protocol
