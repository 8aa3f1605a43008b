#pragma once
// The secret from which a sequence's noise follows, so that the same sequence is noised in the same
// way whenever it is needed: one release, however often it is used. Who has the seed can take the
// noise off again; it never leaves the hospital.
//
// Noise that follows from a seed is only as good as the stream cipher: epsilon holds against
// whoever cannot tell ChaCha20 under an HMAC-SHA256 key from random words.

#include <filesystem>
#include <memory>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/sha256.hpp"

namespace hippocrypt::privacy {

/// Words of ChaCha20 under one key from its start; the same key gives the same words.
class KeyedStream final : public RandomSource {
 public:
  explicit KeyedStream(const SecretBytes& key);  ///< 32 bytes
  ~KeyedStream() override;
  KeyedStream(const KeyedStream&) = delete;
  KeyedStream& operator=(const KeyedStream&) = delete;
  void fill(std::span<std::uint8_t> out) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// 256 secret bits.
class NoiseSeed {
 public:
  /// A new one that is nowhere but here.
  static NoiseSeed fresh(RandomSource& random);
  /// The seed in the file `path`, made and synced there (readable by its owner only) if there is
  /// none yet. Errors: io, malformed (not 32 bytes), unsupported (others may read the file).
  static Result<NoiseSeed> load_or_create(const std::filesystem::path& path, RandomSource& random);

  /// The words for whatever `name` describes, secret to everybody without the seed.
  KeyedStream stream(ByteView name) const;
  /// Shows which seed was used and nothing else of it.
  Hash256 tag() const;

 private:
  explicit NoiseSeed(SecretBytes bytes) : bytes_{std::move(bytes)} {}
  SecretBytes bytes_;
};

}  // namespace hippocrypt::privacy
