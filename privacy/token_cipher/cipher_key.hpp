#pragma once
// A token cipher's key file: text with the plan and the secret, readable by its owner only.

#include <filesystem>

#include "base/random.hpp"
#include "privacy/token_cipher/token_cipher.hpp"

namespace hippocrypt::privacy {

/// Move-only, as it holds the secret.
struct CipherKey {
  CipherPlan plan;
  SecretBytes key;  ///< (cipher_key_bytes)

  static CipherKey generate(CipherPlan plan, RandomSource& random);
  /// Errors: those of TokenCipher::create.
  Result<TokenCipher> cipher() const { return TokenCipher::create(plan, key.reveal()); }
};

/// Writes a new file with mode 0600. Errors: io; invalid_config (there is a file already: what was
/// encoded with its key could not be decoded again).
Status save_cipher_key(const std::filesystem::path& path, const CipherKey& key);

/// Errors: not_found; io; malformed (names the line); unsupported (another version); out_of_range
/// (a plan that cannot be); invalid_config (others than the owner may read the file).
Result<CipherKey> load_cipher_key(const std::filesystem::path& path);

}  // namespace hippocrypt::privacy
