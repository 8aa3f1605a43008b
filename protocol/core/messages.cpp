#include "protocol/core/messages.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "crypto/lwe/core/lwe_params.hpp"
#include "protocol/core/hint_packing.hpp"
#include "protocol/core/setup_layout.hpp"

namespace hippocrypt::protocol {
namespace {

struct CodePair {
  Errc code;
  std::uint16_t number;
};

// Part of the wire format: added to, never changed.
constexpr std::array<CodePair, 10> wire_codes{{{Errc::malformed, 1},
                                               {Errc::unsupported, 2},
                                               {Errc::out_of_range, 3},
                                               {Errc::mismatch, 4},
                                               {Errc::limit_exceeded, 5},
                                               {Errc::not_found, 6},
                                               {Errc::unavailable, 7},
                                               {Errc::deadline, 8},
                                               {Errc::invalid_config, 9},
                                               {Errc::stale, 10}}};

std::optional<Errc> code_of(std::uint16_t number) {
  for (const CodePair& pair : wire_codes) {
    if (pair.number == number) return pair.code;
  }
  return std::nullopt;
}

Status check_range(const char* what, std::uint64_t value, std::uint64_t largest) {
  if (value >= 1 && value <= largest) return Ok{};
  return Error{Errc::out_of_range, std::string{what} + " must be 1 to " + std::to_string(largest) +
                                       ", not " + std::to_string(value)};
}

Status check_direction(Direction direction) {
  if (direction == Direction::forward || direction == Direction::backward) return Ok{};
  return Error{Errc::out_of_range, "the direction must be 0 (forward) or 1 (backward), not " +
                                       std::to_string(static_cast<int>(direction))};
}

std::size_t most_rows(std::uint8_t group) {
  return group == head_group ? max_head_rows : max_features;
}

Status check_tile(Scheme scheme, Direction direction, std::size_t tokens) {
  HIPPOCRYPT_TRY_VOID(check_direction(direction));
  return check_range("the tokens of a tile", tokens,
                     scheme == Scheme::scalar ? max_scalar_tokens : max_tile_tokens);
}

Status check_bits(Scheme scheme, unsigned bits, bool is_packed_width) {
  switch (scheme) {
    case Scheme::packed:
      if (is_packed_width) return Ok{};
      break;
    case Scheme::scalar:
      if (bits == scalar_bits) return Ok{};
      break;
  }
  return Error{Errc::out_of_range, "ciphertext values of scheme " +
                                       std::to_string(static_cast<int>(scheme)) + " cannot have " +
                                       std::to_string(bits) + " bits"};
}

/// What norms of rows of int8 values in [-127, 127] can be.
Status check_bounds(const SiteBounds& bounds, std::size_t row_length) {
  const double length = static_cast<double>(row_length);
  const double largest_l2 = 127.0 * std::sqrt(length) * (1 + 1e-12);
  const bool possible = bounds.max_l2 >= 0 && bounds.max_l2 <= largest_l2 && bounds.max_l1 >= 0 &&
                        bounds.max_l1 <= 127.0 * length;
  if (possible) return Ok{};  // NaN fails every comparison
  return Error{Errc::out_of_range, "the setup table has row norms that no int8 matrix can have"};
}

}  // namespace

const char* to_string(Direction direction) {
  return direction == Direction::forward ? "forward" : "backward";
}

std::size_t ProductRequest::body_bytes() const {
  return scheme == Scheme::scalar ? crypto::lwe_body_bytes(features, tokens)
                                  : features * crypto::row_bytes(bits, tokens);
}

Status ProductRequest::validate() const {
  const bool is_packed_width = crypto::WireFormat{.upload_bits = bits}.is_known();
  HIPPOCRYPT_TRY_VOID(check_bits(scheme, bits, is_packed_width));
  HIPPOCRYPT_TRY_VOID(check_range("the features of a request", features, max_features));
  return check_tile(scheme, ids.direction, tokens);
}

std::size_t ProductReply::body_bytes() const {
  return scheme == Scheme::scalar ? crypto::lwe_answer_bytes(out, tokens)
                                  : out * crypto::row_bytes(bits, tokens);
}

Status ProductReply::validate() const {
  const bool is_packed_width = crypto::WireFormat{.download_bits = bits}.is_known();
  HIPPOCRYPT_TRY_VOID(check_bits(scheme, bits, is_packed_width));
  HIPPOCRYPT_TRY_VOID(check_range("the features of a reply", out, most_rows(ids.group)));
  return check_tile(scheme, ids.direction, tokens);
}

std::uint16_t wire_code(Errc code) {
  for (const CodePair& pair : wire_codes) {
    if (pair.code == code) return pair.number;
  }
  return wire_code(Errc::unavailable);
}

ErrorReply ErrorReply::from(const Error& error) {
  return {wire_code(error.code), error.detail.substr(0, max_error_detail_bytes)};
}

Error ErrorReply::to_error() const {
  const std::optional<Errc> known = code_of(code);
  HIPPOCRYPT_CHECK(known.has_value());  // validate() has run
  std::string printable = detail;
  // Control characters could rewrite a terminal's screen or forge a line of a log.
  std::replace_if(
      printable.begin(), printable.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return {*known, "the server refused: " + printable};
}

Status ErrorReply::validate() const {
  if (!code_of(code)) {
    return Error{Errc::malformed,
                 "an error reply carries the unknown code " + std::to_string(code)};
  }
  if (detail.size() > max_error_detail_bytes) {
    return Error{Errc::limit_exceeded, "an error reply's sentence is longer than " +
                                           std::to_string(max_error_detail_bytes) + " bytes"};
  }
  return Ok{};
}

Status SetupContents::validate() const {
  if (params_name.size() > max_params_name_bytes) {
    return Error{Errc::limit_exceeded, "the name of a parameter set is longer than " +
                                           std::to_string(max_params_name_bytes) + " bytes"};
  }
  if (sites.size() > max_sites) {
    return Error{Errc::limit_exceeded, "the setup table lists " + std::to_string(sites.size()) +
                                           " sites; the limit is " + std::to_string(max_sites)};
  }
  for (const SiteEntry& site : sites) {
    HIPPOCRYPT_TRY_VOID(check_range("the rows of a site", site.out, most_rows(site.group)));
    HIPPOCRYPT_TRY_VOID(check_range("the columns of a site", site.in, max_features));
    HIPPOCRYPT_TRY_VOID(check_bounds(site.forward_bounds, site.in));
    HIPPOCRYPT_TRY_VOID(check_bounds(site.backward_bounds, site.is_head() ? 0 : site.out));
  }
  return Ok{};
}

std::size_t SetupTable::body_bytes() const { return lay_out_table(sites).body_bytes; }

Status HintRange::validate() const {
  HIPPOCRYPT_TRY_VOID(check_direction(ids.direction));
  HIPPOCRYPT_TRY_VOID(check_range("the words of a piece of hints", words, max_hint_words));
  if (words % crypto::lanes == 0 && first_word % crypto::lanes == 0) return Ok{};
  return Error{Errc::out_of_range, "pieces of hints begin and end at multiples of " +
                                       std::to_string(crypto::lanes) + " words"};
}

std::size_t HintReply::body_bytes() const { return packed_hint_bytes(words); }

}  // namespace hippocrypt::protocol
