#include "base/keyed_stream.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/check.hpp"

namespace hippocrypt {

struct KeyedStream::State {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_CIPHER_CTX_free(context); }  // which wipes it
};

KeyedStream::KeyedStream(const SecretBytes& key) : state_{std::make_unique<State>()} {
  HIPPOCRYPT_CHECK(key.size() == 32 && state_->context != nullptr);
  const std::array<std::uint8_t, 16> start{};  // the key is used for one stream only
  HIPPOCRYPT_CHECK(EVP_EncryptInit_ex(state_->context, EVP_chacha20(), nullptr, key.reveal().data(),
                                      start.data()) == 1);
}

KeyedStream::~KeyedStream() = default;

void KeyedStream::fill(std::span<std::uint8_t> out) {
  constexpr std::size_t most = std::size_t{1} << 20;
  while (!out.empty()) {
    const auto piece = out.first(std::min(most, out.size()));
    std::fill(piece.begin(), piece.end(), std::uint8_t{0});
    int made = 0;
    HIPPOCRYPT_CHECK(EVP_EncryptUpdate(state_->context, piece.data(), &made, piece.data(),
                                       static_cast<int>(piece.size())) == 1);
    HIPPOCRYPT_CHECK(static_cast<std::size_t>(made) == piece.size());
    out = out.subspan(piece.size());
  }
}

}  // namespace hippocrypt
