#include "protocol/client/hint_stream.hpp"

#include <algorithm>
#include <utility>

#include "protocol/core/envelope.hpp"
#include "protocol/core/hint_packing.hpp"
#include "protocol/core/hint_pieces.hpp"

namespace hippocrypt::protocol {
namespace {

/// The packed words of the reply to `request`.
Result<ByteView> open_hints(ByteView bytes, const HintRequest& request) {
  HIPPOCRYPT_TRY(const FrameView frame, open_answer(bytes));
  HIPPOCRYPT_TRY(const HintReply reply, decode<HintReply>(frame));
  if (static_cast<const HintRange&>(reply) == request) return frame.body;
  return Error{Errc::mismatch, "the server's hints belong to another request than the one sent"};
}

}  // namespace

std::vector<HintRequest> hint_pieces(const ServerSetup& setup, const TileKind& kind,
                                     std::uint64_t first_word) {
  const std::size_t ring_dim = setup.params().ring_dim();
  const std::uint64_t words = crypto::lane_polys_words(setup.product(kind).outputs, ring_dim);
  std::vector<HintRequest> requests;
  for (const HintPiece& piece : cut_hints(words, ring_dim, first_word)) {
    requests.push_back({{setup.ids(kind, requests.size()), piece.first_word, piece.words}});
  }
  return requests;
}

HintStream::HintStream(ProductTransport& transport, std::vector<HintRequest> pieces,
                       std::size_t in_flight)
    : transport_{transport}, pieces_{std::move(pieces)}, in_flight_{in_flight} {
  HIPPOCRYPT_CHECK(in_flight >= 1);
  ask();
}

void HintStream::ask() {
  for (; asked_ < pieces_.size() && pending_.size() < in_flight_; ++asked_) {
    pending_.push_back(
        launch(true, [&transport = transport_, frame = SharedBytes{encode(pieces_[asked_])}] {
          return exchange(transport, frame, max_attempts);
        }));
  }
}

Result<std::span<const std::uint32_t>> HintStream::next() {
  HIPPOCRYPT_CHECK(!done());
  const Exchanged exchanged = pending_.front().get();
  pending_.pop_front();
  bytes_up_ += exchanged.bytes_up;
  bytes_down_ += exchanged.bytes_down;
  if (!exchanged.reply) return exchanged.reply.error();
  const HintRequest& request = pieces_[next_];
  HIPPOCRYPT_TRY(const ByteView packed, open_hints(**exchanged.reply, request));
  words_.resize(request.words);
  HIPPOCRYPT_TRY_VOID(unpack_hints(packed, words_));
  ++next_;
  ask();
  return std::span<const std::uint32_t>{words_};
}

}  // namespace hippocrypt::protocol
