#pragma once
// What a hospital and the blind server say to each other. Ciphertexts and hints travel in the
// bodies.

#include <string>
#include <vector>

#include "crypto/core/masks.hpp"
#include "crypto/core/wire_format.hpp"
#include "protocol/core/envelope.hpp"

namespace hippocrypt::protocol {

/// Which product: W·x or Wᵀ·x.
enum class Direction : std::uint8_t { forward = 0, backward = 1 };

const char* to_string(Direction direction);

/// How values are encrypted: a polynomial a feature (crypto/client), or a ciphertext a value
/// (crypto/lwe), which is there for comparison.
enum class Scheme : std::uint8_t { packed = 0, scalar = 1 };

/// What a body's `bits` are in the scalar scheme.
inline constexpr std::uint8_t scalar_bits = 32;

/// The group of the output head, model::LinearGroup::head; with block 0.
inline constexpr std::uint8_t head_group = 4;

/// What a request and its reply must agree on.
struct ProductIds {
  Hash256 params_fingerprint{};
  Hash256 model_fingerprint{};
  crypto::MaskNonce mask_nonce{};
  std::uint64_t request_id = 0;
  std::uint32_t block = 0;
  std::uint8_t group = 0;  ///< a model::LinearGroup
  Direction direction = Direction::forward;

  friend bool operator==(const ProductIds&, const ProductIds&) = default;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(params_fingerprint, model_fingerprint, mask_nonce, request_id, block, group, direction);
  }
};

/// Body, packed: `features` rows of `tokens` values (crypto/core/wire_format.hpp); scalar: a seed
/// and as many words (crypto/lwe/core/lwe_params.hpp).
struct ProductRequest {
  static constexpr MessageType message_type = MessageType::product_request;
  ProductIds ids;
  std::uint32_t features = 0;  ///< columns of W forward, rows of W backward
  std::uint32_t tokens = 0;
  std::uint8_t bits = 24;  ///< of a value: WireFormat::upload_bits
  Scheme scheme = Scheme::packed;

  std::size_t body_bytes() const;
  /// Errors: out_of_range (direction, features, tokens, bits, scheme).
  Status validate() const;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(ids, features, tokens, bits, scheme);
  }
};

/// Body, packed: `out` rows of `tokens` values; scalar: `tokens` times `out` ciphertexts.
struct ProductReply {
  static constexpr MessageType message_type = MessageType::product_reply;
  ProductIds ids;
  std::uint32_t out = 0;  ///< of the head up to max_head_rows
  std::uint32_t tokens = 0;
  std::uint8_t bits = 16;  ///< of a value: WireFormat::download_bits
  Scheme scheme = Scheme::packed;

  std::size_t body_bytes() const;
  /// Errors: out_of_range (direction, out, tokens, bits, scheme).
  Status validate() const;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(ids, out, tokens, bits, scheme);
  }
};

/// Why there is no other reply. No body.
struct ErrorReply {
  static constexpr MessageType message_type = MessageType::error_reply;
  std::uint16_t code = 0;  ///< wire_code() of an Errc
  std::string detail;

  /// The detail is cut to max_error_detail_bytes.
  static ErrorReply from(const Error& error);
  /// The Error, with a detail that is safe to print whatever the peer sent: printable ASCII only.
  Error to_error() const;
  std::size_t body_bytes() const { return 0; }
  /// Errors: malformed (an unknown code), limit_exceeded (a detail that is too long).
  Status validate() const;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(code, detail);
  }
};

/// The wire's number of an Errc. Causes that only concern the other side's own state (its budget,
/// its ledger, its user) are not the peer's to claim: they become unavailable.
std::uint16_t wire_code(Errc code);

/// Asks the server that holds `block` for its setup reply, or for the table alone. No body.
struct SetupRequest {
  static constexpr MessageType message_type = MessageType::setup_request;
  Hash256 params_fingerprint{};
  Hash256 config_fingerprint{};
  /// Of the weights that are meant, where the server has several models of this shape; zero: the
  /// only one. Whether the reply's are those is for its reader to see.
  Hash256 model_fingerprint{};
  std::uint32_t block = 0;
  bool with_hints = true;  ///< false: a setup_table is wanted

  std::size_t body_bytes() const { return 0; }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(params_fingerprint, config_fingerprint, model_fingerprint, block, with_hints);
  }
};

/// Max over the rows of the int8 matrix of the row's norms; they bound what a product can reach.
struct SiteBounds {
  double max_l2 = 0;
  double max_l1 = 0;
  friend bool operator==(const SiteBounds&, const SiteBounds&) = default;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(max_l2, max_l1);
  }
};

/// One stacked matrix W (out, in) of the model. The head has no backward product: its bounds and
/// hash are 0 and there are no hints.
struct SiteEntry {
  std::uint32_t block = 0;
  std::uint8_t group = 0;
  std::uint32_t out = 0;
  std::uint32_t in = 0;
  SiteBounds forward_bounds;   ///< of W
  SiteBounds backward_bounds;  ///< of Wᵀ
  Hash256 forward_sha256{};    ///< of the out hints of W, as crypto::LanePolys lays them out
  Hash256 backward_sha256{};   ///< of the in hints of Wᵀ

  bool is_head() const { return group == head_group; }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(block, group, out, in, forward_bounds, backward_bounds, forward_sha256,
            backward_sha256);
  }
};

/// What a server says about its matrices: of a model that several serve, only the sites of its own
/// blocks.
struct SetupContents {
  std::string params_name;
  Hash256 params_fingerprint{};
  Hash256 model_fingerprint{};
  crypto::MaskNonce mask_nonce{};
  std::vector<SiteEntry> sites;

  /// Errors: limit_exceeded (name, number of sites), out_of_range (shapes, bounds).
  Status validate() const;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(params_name, params_fingerprint, model_fingerprint, mask_nonce, sites);
  }
};

/// Everything that a hospital needs in order to use the blind server. Body: row scales and hints,
/// see setup_layout.hpp.
struct SetupReply : SetupContents {
  static constexpr MessageType message_type = MessageType::setup_reply;
};

/// The same without hints, which are asked for piece by piece. Body: row scales.
struct SetupTable : SetupContents {
  static constexpr MessageType message_type = MessageType::setup_table;
  std::size_t body_bytes() const;
};

/// Words of one product's hints, counted as crypto::LanePolys lays them out.
struct HintRange {
  ProductIds ids;
  std::uint64_t first_word = 0;
  std::uint32_t words = 0;

  /// Errors: out_of_range (direction, no words or more than max_hint_words, not in sixteens).
  Status validate() const;
  friend bool operator==(const HintRange&, const HintRange&) = default;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(ids, first_word, words);
  }
};

/// Asks for a piece of hints. No body.
struct HintRequest : HintRange {
  static constexpr MessageType message_type = MessageType::hint_request;
  std::size_t body_bytes() const { return 0; }
};

/// Body: the words, packed (hint_packing.hpp).
struct HintReply : HintRange {
  static constexpr MessageType message_type = MessageType::hint_reply;
  std::size_t body_bytes() const;
};

}  // namespace hippocrypt::protocol
