#pragma once
// The largest sizes that a message may claim. They are checked before anything is allocated, so
// they are also what a hostile peer can make this process reserve.

#include <cstddef>
#include <cstdint>

#include "crypto/core/params.hpp"
#include "protocol/core/message_type.hpp"

namespace hippocrypt::protocol {

inline constexpr std::size_t kibibyte = 1024;
inline constexpr std::size_t mebibyte = 1024 * kibibyte;
inline constexpr std::size_t gibibyte = 1024 * mebibyte;

/// Bodies start at a multiple of this from the frame's start: a cache line, so that numbers in a
/// body can be used where they lie.
inline constexpr std::size_t body_alignment = 64;

/// Envelopes of all messages but those with a setup table.
inline constexpr std::size_t max_control_envelope_bytes = 16 * kibibyte;
/// The envelopes of setup reply and setup table, which list every site of a model.
inline constexpr std::size_t max_setup_envelope_bytes = 128 * kibibyte;
/// Bodies of all messages but the setup reply.
inline constexpr std::size_t max_body_bytes = 512 * mebibyte;
/// The setup reply's body: hints of a model of 8 billion weights take 18 GiB at N = 2048.
inline constexpr std::size_t max_setup_body_bytes = 64 * gibibyte;

/// Tokens of one tile: the largest ring dimension of the parameter table.
inline constexpr std::size_t max_tile_tokens = 2048;
/// Tokens of one tile of the scalar scheme, whose answers take 4,100 bytes a value.
inline constexpr std::size_t max_scalar_tokens = 64;
/// Rows or columns of one stacked matrix; hints are exact up to here without blocking.
inline constexpr std::size_t max_features = 65536;
/// Rows of the output head, the largest vocabulary of a ModelConfig. No product reads them, so
/// exactness does not limit them.
inline constexpr std::size_t max_head_rows = std::size_t{1} << 20;
/// Stacked matrices of one model, the head included.
inline constexpr std::size_t max_sites = 1024;
/// Bytes of one site's entry in the setup table: block, group, out, in, four bounds and two hashes.
inline constexpr std::size_t site_entry_bytes = 4 + 1 + 4 + 4 + 4 * 8 + 2 * 32;
/// Words of hints in one message: 3.75 MiB. What holds a link up for long would hold up products.
inline constexpr std::size_t max_hint_words = std::size_t{1} << 20;
/// The name of a parameter set.
inline constexpr std::size_t max_params_name_bytes = 32;
/// The sentence of an error reply.
inline constexpr std::size_t max_error_detail_bytes = 512;

static_assert(max_features * max_tile_tokens * crypto::upload_bytes_per_value <= max_body_bytes,
              "the largest tile must fit a body");
static_assert(
    crypto::download_bytes_per_value <= crypto::upload_bytes_per_value,
    "so the largest answer of a block fits as well; a head's is checked when it is asked");
static_assert(max_head_rows * crypto::download_bytes_per_value <= max_body_bytes,
              "a tile of one token must always fit");
static_assert(max_sites * site_entry_bytes + kibibyte <= max_setup_envelope_bytes,
              "the largest site table and the fields before it must fit the setup envelope");
static_assert(max_error_detail_bytes + kibibyte <= max_control_envelope_bytes,
              "an error reply must fit a control envelope");
static_assert(max_setup_body_bytes <= SIZE_MAX / 2, "frame sizes must not overflow");

/// The limit for this type of message.
constexpr std::size_t envelope_limit(MessageType type) {
  const bool lists_sites = type == MessageType::setup_reply || type == MessageType::setup_table;
  return lists_sites ? max_setup_envelope_bytes : max_control_envelope_bytes;
}
/// The limit for this type of message.
constexpr std::size_t body_limit(MessageType type) {
  return type == MessageType::setup_reply ? max_setup_body_bytes : max_body_bytes;
}

}  // namespace hippocrypt::protocol
