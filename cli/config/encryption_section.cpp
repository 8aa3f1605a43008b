#include <algorithm>
#include <array>

#include "cli/config/section_reader.hpp"
#include "cli/config/sections.hpp"
#include "crypto/core/params.hpp"

namespace hippocrypt::cli {
namespace {

constexpr std::array oracles{federation::OracleKind::plain_fp32, federation::OracleKind::plain_int8,
                             federation::OracleKind::encrypted};
constexpr std::int64_t most_tiles = 1024;

}  // namespace

Result<federation::EncryptionConfig> read_encryption(const Document& document) {
  federation::EncryptionConfig config;
  SectionReader reader{document, "encryption"};
  reader.choice("oracle", config.oracle, oracles);
  reader.text("params", config.params);
  const Result<crypto::Params> params = crypto::Params::named(config.params);
  if (!params.has_value()) reader.complain("params", "must be rlwe2048 or rlwe1024");
  reader.integer("train_tiles", config.train_tiles, {1, most_tiles});
  reader.integer("eval_tiles", config.eval_tiles, {1, most_tiles});
  const std::size_t ring_dim = params.has_value() ? params->ring_dim() : config.tile_tokens;
  config.tile_tokens = static_cast<std::uint32_t>(ring_dim);
  reader.integer("tile_tokens", config.tile_tokens, {1, static_cast<std::int64_t>(ring_dim)});
  HIPPOCRYPT_TRY_VOID(reader.finish());
  return config;
}

}  // namespace hippocrypt::cli
