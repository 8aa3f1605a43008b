#include "crypto/lwe/core/lwe_matrix.hpp"

#include <openssl/evp.h>

#include <algorithm>

#include "base/check.hpp"
#include "base/sha256.hpp"

namespace hippocrypt::crypto {
namespace {

constexpr std::size_t block_bytes = 16;
constexpr std::size_t row_blocks = lwe_dimension * sizeof(std::uint32_t) / block_bytes;
constexpr std::size_t call_words = std::size_t{1} << 26;  // OpenSSL counts bytes in an int
static_assert(call_words % lwe_dimension == 0);

}  // namespace

struct LweMatrix::Cipher {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  Cipher() { HIPPOCRYPT_CHECK(context != nullptr); }
  Cipher(const Cipher&) = delete;
  Cipher& operator=(const Cipher&) = delete;
  ~Cipher() { EVP_CIPHER_CTX_free(context); }
};

LweMatrix::LweMatrix(const LweSeed& seed, std::size_t inputs)
    : cipher_{std::make_unique<Cipher>()}, inputs_{inputs} {
  const Hash256 key = Sha256{}.add_field("hippocrypt lwe matrix v1").add_field(seed).finish();
  HIPPOCRYPT_CHECK(
      EVP_EncryptInit_ex(cipher_->context, EVP_aes_256_ctr(), nullptr, key.data(), nullptr) == 1);
}

LweMatrix::~LweMatrix() = default;
LweMatrix::LweMatrix(LweMatrix&&) noexcept = default;
LweMatrix& LweMatrix::operator=(LweMatrix&&) noexcept = default;

void LweMatrix::rows(std::size_t token, std::size_t first, std::span<std::uint32_t> words) {
  HIPPOCRYPT_CHECK(words.size() % lwe_dimension == 0);
  HIPPOCRYPT_CHECK(first + words.size() / lwe_dimension <= inputs_);
  std::array<std::uint8_t, block_bytes> counter{};  // big-endian, as CTR mode counts
  std::uint64_t block = std::uint64_t{token * inputs_ + first} * row_blocks;
  for (std::size_t i = counter.size(); block != 0; block >>= 8) {
    counter[--i] = static_cast<std::uint8_t>(block);
  }
  HIPPOCRYPT_CHECK(
      EVP_EncryptInit_ex(cipher_->context, nullptr, nullptr, nullptr, counter.data()) == 1);
  std::fill(words.begin(), words.end(), 0U);
  while (!words.empty()) {
    const auto part = words.first(std::min(words.size(), call_words));
    auto* const bytes = reinterpret_cast<unsigned char*>(part.data());
    const int size = static_cast<int>(part.size_bytes());
    int written = 0;
    HIPPOCRYPT_CHECK(EVP_EncryptUpdate(cipher_->context, bytes, &written, bytes, size) == 1);
    HIPPOCRYPT_CHECK(written == size);
    words = words.subspan(part.size());
  }
}

}  // namespace hippocrypt::crypto
