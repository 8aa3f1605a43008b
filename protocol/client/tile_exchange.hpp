#pragma once
// One tile's way to the server and back: the attempts to have its request answered, and the check
// that the answer belongs to it.

#include <functional>
#include <future>
#include <optional>
#include <vector>

#include "crypto/client/tile_cipher.hpp"
#include "crypto/lwe/client/lwe_cipher.hpp"
#include "protocol/client/server_setup.hpp"
#include "protocol/core/envelope.hpp"
#include "protocol/core/messages.hpp"
#include "protocol/core/transport.hpp"

namespace hippocrypt::protocol {

/// What came back, if anything did, and the traffic of all attempts.
struct Exchanged {
  Result<SharedBytes> reply;
  std::uint64_t bytes_up = 0, bytes_down = 0;
};

/// A tile between encryption and decryption.
struct PendingTile {
  ProductRequest request;
  SharedBytes frame;
  std::vector<double> token_scale;
  std::optional<crypto::ResponseKey> key;  ///< of the packed scheme; the scalar one has one secret
  std::future<Exchanged> exchanged;
};

/// Sends `request`, the same bytes each time, up to `max_attempts` times, as long as the transport
/// fails with unavailable or deadline.
Exchanged exchange(ProductTransport& transport, const SharedBytes& request, int max_attempts);

/// On a thread of its own, or, without one to be had or wanted, when the result is asked for.
std::future<Exchanged> launch(bool on_a_thread, const std::function<Exchanged()>& call);

/// The frame that the server answered with. Errors: malformed, unsupported, limit_exceeded (the
/// frame), and what an error_reply says.
Result<FrameView> open_answer(ByteView frame);

/// The body of the reply to `request`, which must be the reply to exactly this request and have
/// `outputs` rows of values of `bits` bits in the same scheme. Errors: malformed, unsupported,
/// limit_exceeded (the frame), mismatch (another request's reply or another shape), and what an
/// error_reply says.
Result<ByteView> open_reply(ByteView frame, const ProductRequest& request, std::size_t outputs,
                            unsigned bits);

}  // namespace hippocrypt::protocol
