#pragma once
// Internal to protocol/client: from answers to rows of a product, whole or as hints come in.

#include <optional>
#include <span>
#include <vector>

#include "base/matrix.hpp"
#include "protocol/client/hint_stream.hpp"
#include "protocol/client/server_setup.hpp"

namespace hippocrypt::protocol {

/// A tile whose answer is there.
struct AnsweredTile {
  std::vector<double> token_scale;
  std::optional<crypto::ResponseKey> key;  ///< of the packed scheme
  SharedBytes reply;
  ByteView answer;        ///< in reply
  std::size_t begin = 0;  ///< its first column in y
};

/// How the rows of a product come out.
struct RowDecryption {
  const crypto::Params& params;
  std::span<const float> row_scale;  ///< of all outputs, or empty
  std::size_t threads = 1;
};

/// Outputs [first, first + hints.count()) of a tile, into the same rows of y. Columns that y lacks
/// are decrypted all the same. Errors: those of crypto::decrypt_tile_into.
Status decrypt_rows(const RowDecryption& how, const AnsweredTile& tile, std::size_t first,
                    crypto::LanePolysView hints, MatrixView y);

/// All outputs of the tiles of one product, as its hints come in; what is written is of no use
/// unless this succeeds. Errors: those of the stream, mismatch (hints without the hash that the
/// table states).
Status decrypt_streamed(const RowDecryption& how, std::span<const AnsweredTile> tiles,
                        const SiteProduct& product, HintStream& hints, MatrixView y);

}  // namespace hippocrypt::protocol
