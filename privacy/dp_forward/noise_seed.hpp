#pragma once
// The secret from which a sequence's noise follows, so that the same sequence is noised in the same
// way whenever it is needed: one release, however often it is used. Who has the seed can take the
// noise off again; it never leaves the hospital.
//
// Noise that follows from a seed is only as good as the stream cipher: epsilon holds against
// whoever cannot tell ChaCha20 under an HMAC-SHA256 key from random words.

#include <filesystem>

#include "base/bytes.hpp"
#include "base/keyed_stream.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/sha256.hpp"

namespace hippocrypt::privacy {

/// 256 secret bits.
class NoiseSeed {
 public:
  /// A new one that is nowhere but here.
  static NoiseSeed fresh(RandomSource& random);
  /// The seed in the file `path`, made and synced there (readable by its owner only) if there is
  /// none yet. Errors: io, malformed (no such seed), unsupported (another version; others may read
  /// the file).
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
