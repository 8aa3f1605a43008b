#include "protocol/client/tile_decryption.hpp"

#include <algorithm>

#include "protocol/client/oracle_rows.hpp"

namespace hippocrypt::protocol {

Status decrypt_rows(const RowDecryption& how, const AnsweredTile& tile, std::size_t first,
                    crypto::LanePolysView hints, MatrixView y) {
  const std::size_t tokens = tile.token_scale.size(), rows = hints.count();
  const std::size_t row_bytes = crypto::row_bytes(how.params.wire().download_bits, tokens);
  const ByteView answer = tile.answer.subspan(first * row_bytes, rows * row_bytes);
  const auto row_scale = how.row_scale.empty() ? how.row_scale : how.row_scale.subspan(first, rows);
  const MatrixView out = y.row_block(first, rows);
  if (tile.begin + tokens <= y.cols()) {
    return crypto::decrypt_tile_into(how.params, hints, answer, tile.token_scale, *tile.key,
                                     row_scale, out.columns(tile.begin, tokens), how.threads);
  }
  Matrix all{rows, tokens};
  HIPPOCRYPT_TRY_VOID(crypto::decrypt_tile_into(how.params, hints, answer, tile.token_scale,
                                                *tile.key, row_scale, all.view(), how.threads));
  write_columns(all, tile.begin, out);
  return Ok{};
}

Status decrypt_streamed(const RowDecryption& how, std::span<const AnsweredTile> tiles,
                        const SiteProduct& product, HintStream& hints, MatrixView y) {
  const std::size_t ring_dim = how.params.ring_dim();
  Sha256 hash;
  while (!hints.done()) {
    const auto first = static_cast<std::size_t>(hints.upcoming().first_word / ring_dim);
    HIPPOCRYPT_TRY(const auto words, hints.next());
    hash.add({reinterpret_cast<const std::uint8_t*>(words.data()), words.size_bytes()});
    const std::size_t rows = std::min(words.size() / ring_dim, product.outputs - first);
    for (const AnsweredTile& tile : tiles) {
      HIPPOCRYPT_TRY_VOID(decrypt_rows(how, tile, first, {words, rows, ring_dim}, y));
    }
  }
  if (hash.finish() == product.hint_sha256) return Ok{};
  return Error{Errc::mismatch,
               "the hints that the server sent do not have the hash that its table states"};
}

}  // namespace hippocrypt::protocol
