#include <array>

#include "cli/config/section_reader.hpp"
#include "cli/config/sections.hpp"
#include "crypto/core/params.hpp"

namespace hippocrypt::cli {
namespace {

using federation::OracleKind;

constexpr std::array oracles{OracleKind::plain_fp32, OracleKind::plain_int8, OracleKind::encrypted,
                             OracleKind::encrypted_lwe};
constexpr std::int64_t most_tiles = 1024;
constexpr std::int64_t most_pad_mib = 1 << 20;
constexpr std::int64_t most_exact_channels = 4096;
/// The scalar scheme's answers take 4 KB a value.
constexpr std::size_t most_lwe_tokens = 64;

/// Bits of a value: one of two widths.
void read_bits(SectionReader& reader, const char* key, std::uint32_t& value, std::uint32_t wide,
               std::uint32_t narrow) {
  reader.integer(key, value, {0, 64});
  if (value != wide && value != narrow) {
    reader.complain(key, "must be " + std::to_string(wide) + " or " + std::to_string(narrow));
  }
}

}  // namespace

Result<federation::EncryptionConfig> read_encryption(const Document& document) {
  federation::EncryptionConfig config;
  SectionReader reader{document, "encryption"};
  reader.choice("oracle", config.oracle, oracles);
  reader.text("params", config.params);
  reader.boolean("blind_head", config.blind_head);
  reader.boolean("insecure_test", config.insecure_test);
  read_bits(reader, "upload_bits", config.upload_bits, 24, 20);
  read_bits(reader, "download_bits", config.download_bits, 16, 12);
  const Result<crypto::Params> params = crypto::Params::named(
      config.params, {config.upload_bits, config.download_bits}, config.insecure_test);
  if (!params.has_value()) {
    reader.complain("params", config.insecure_test ? "must be rlwe2048, rlwe1024 or test512"
                                                   : "must be rlwe2048 or rlwe1024 (test512 needs "
                                                     "insecure_test = true)");
  }
  reader.integer("train_tiles", config.train_tiles, {1, most_tiles});
  reader.integer("eval_tiles", config.eval_tiles, {1, most_tiles});
  std::size_t most_tokens = params.has_value() ? params->ring_dim() : config.tile_tokens;
  if (config.oracle == OracleKind::encrypted_lwe) most_tokens = most_lwe_tokens;
  config.tile_tokens = static_cast<std::uint32_t>(most_tokens);
  reader.integer("tile_tokens", config.tile_tokens, {1, static_cast<std::int64_t>(most_tokens)});
  reader.integer("tiles_in_flight", config.tiles_in_flight, {1, 16});
  reader.integer("exact_channels", config.exact_channels, {0, most_exact_channels});
  reader.integer("pad_mib", config.pad_mib, {0, most_pad_mib});
  HIPPOCRYPT_TRY_VOID(reader.finish());
  return config;
}

}  // namespace hippocrypt::cli
