#include "crypto/client/tile_pads.hpp"

#include <utility>

#include "base/check.hpp"
#include "crypto/client/pad_maker.hpp"

namespace hippocrypt::crypto {
namespace {

/// All rows of `count` features, in whole groups of 16.
AlignedSecretWords all_rows(const PadPlan& plan, std::size_t count, std::size_t tokens,
                            std::size_t stride) {
  PadMaker maker{plan};
  AlignedSecretWords rows{round_up_to_lanes(count) * stride};
  for (std::size_t first = 0; first < count; first += lanes) {
    maker.make(first / lanes);
    maker.write_rows(0, tokens, rows.data() + first * stride, stride);
  }
  return rows;
}

}  // namespace

TilePads TilePads::make(const Params& params, LanePolysView masks, std::size_t inputs,
                        LanePolysView hints, std::size_t tokens, OneTimeSecret secret,
                        RandomSource& random) {
  HIPPOCRYPT_CHECK(masks.count() >= inputs);
  HIPPOCRYPT_CHECK(tokens >= 1 && tokens <= params.ring_dim());
  const std::size_t stride = round_up_to_lanes(tokens);
  TilePads pads;
  pads.params_ = params.fingerprint();
  pads.inputs_ = inputs;
  pads.tokens_ = tokens;
  PadPlan of_masks{params, masks, secret, tokens};
  of_masks.add_noise(random, inputs);
  pads.encryption_ = all_rows(of_masks, inputs, tokens, stride);
  const PadPlan of_hints{params, hints, secret, tokens};
  pads.decryption_ = {all_rows(of_hints, hints.count(), tokens, stride), hints.count(), stride};
  return pads;
}

std::size_t TilePads::bytes() const {
  return (encryption_.size() + decryption_.rows.size()) * sizeof(std::uint32_t);
}

}  // namespace hippocrypt::crypto
