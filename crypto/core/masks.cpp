#include "crypto/core/masks.hpp"

#include <openssl/evp.h>

#include <cstring>
#include <memory>
#include <vector>

namespace hippocrypt::crypto {
namespace {

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct DigestDeleter {
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};

/// The XOF of one input. OpenSSL 3.0 gives the output in one call only, so a longer output means
/// starting again.
class Shake128 {
 public:
  Shake128() : digest_{EVP_MD_fetch(nullptr, "SHAKE128", nullptr)}, context_{EVP_MD_CTX_new()} {
    HIPPOCRYPT_CHECK(digest_ != nullptr && context_ != nullptr, "OpenSSL has no SHAKE128");
  }
  void expand(std::span<const std::uint8_t> input, std::span<std::uint32_t> words) {
    // EVP_DigestFinalXOF writes bytes; words are little-endian (byte_reader.hpp asserts the
    // machine).
    auto* const out = reinterpret_cast<unsigned char*>(words.data());
    HIPPOCRYPT_CHECK(EVP_DigestInit_ex(context_.get(), digest_.get(), nullptr) == 1);
    HIPPOCRYPT_CHECK(EVP_DigestUpdate(context_.get(), input.data(), input.size()) == 1);
    HIPPOCRYPT_CHECK(EVP_DigestFinalXOF(context_.get(), out, words.size() * 4) == 1);
  }

 private:
  std::unique_ptr<EVP_MD, DigestDeleter> digest_;
  std::unique_ptr<EVP_MD_CTX, ContextDeleter> context_;
};

void append(std::vector<std::uint8_t>& out, std::span<const std::uint8_t> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

/// Every field has a fixed length, so inputs of different features cannot coincide.
std::vector<std::uint8_t> feature_input(const std::vector<std::uint8_t>& prefix,
                                        std::size_t feature) {
  std::vector<std::uint8_t> input = prefix;
  for (int i = 0; i < 8; ++i) input.push_back(static_cast<std::uint8_t>(feature >> (8 * i)));
  return input;
}

}  // namespace

LanePolys make_masks(const Params& params, const Hash256& model_fingerprint, const MaskNonce& nonce,
                     std::size_t features) {
  std::vector<std::uint8_t> prefix;
  append(prefix, as_bytes("hippocrypt mask v1"));
  append(prefix, params.fingerprint());
  append(prefix, model_fingerprint);
  append(prefix, nonce);

  const std::size_t ring_dim = params.ring_dim();
  LanePolys masks{features, ring_dim};
  Shake128 shake;
  // A word is refused with probability 2^-12, so 32 spare words hardly ever run short.
  std::vector<std::uint32_t> words(ring_dim + 32);
  for (std::size_t feature = 0; feature < features; ++feature) {
    const std::vector<std::uint8_t> input = feature_input(prefix, feature);
    shake.expand(input, words);
    std::size_t read = 0;
    for (std::size_t k = 0; k < ring_dim;) {
      if (read == words.size()) {  // the longer output begins with the shorter one
        words.resize(2 * words.size());
        shake.expand(input, words);
      }
      const std::uint32_t candidate = words[read++] & ((1U << 30) - 1);
      if (candidate < modulus_q) masks.at(feature, k++) = candidate;
    }
  }
  return masks;
}

}  // namespace hippocrypt::crypto
